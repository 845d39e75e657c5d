import type { Labels, Metric } from '../mill/metrics/metric.js';
import { MillMetrics } from '../mill/metrics/mill-metrics.js';
import type { MillView } from '../mill/report/mill-view.js';

interface MeasuredMill {
  readonly name: string;
  readonly view: MillView;
  readonly metrics: MillMetrics;
}

/** The mills whose metrics go to the same place, each with a name of its own in this label. */
export class MeasuredMills {
  private readonly plans = new WeakSet<object>();
  private readonly mills = new Map<string, MeasuredMill>();
  private current: readonly Metric[] | undefined;

  constructor(private readonly label: string) {}

  /**
   * Adds a mill by the name of its process, with a number from the second of the same name on. A mill that repeats one
   * whose run is over takes its place, and its counts continue: so a program that runs its mill again and again has the
   * metrics of one mill. Undefined if the mill was added before.
   */
  add(view: MillView): MeasuredMill | undefined {
    const { plan } = view;
    if (this.plans.has(plan)) return undefined;
    this.plans.add(plan);
    let name = plan.process.name;
    for (let count = 2; this.isTaken(name, view); count++) name = `${plan.process.name} ${count}`;
    const mill = { name, view, metrics: new MillMetrics(view, this.mills.get(name)?.metrics) };
    this.mills.set(name, mill);
    return mill;
  }

  /** All metrics of all mills. Those that are requested one by one, by the same code, are a consistent snapshot. */
  now(): readonly Metric[] {
    if (this.current !== undefined) return this.current;
    queueMicrotask(() => {
      this.current = undefined;
    });
    const [first = [], ...others] = [...this.mills.values()].map(({ metrics, name }) =>
      metrics.now().map((metric) => labelled(metric, { [this.label]: name })),
    );
    this.current = first.map((metric, i) => {
      const samples = [metric, ...others.map((of) => of[i])].flatMap((each) => (each?.samples ?? []) as any[]);
      return { ...metric, samples } as Metric;
    });
    return this.current;
  }

  private isTaken(name: string, view: MillView): boolean {
    const former = this.mills.get(name);
    return former !== undefined && !(former.view.isOver() && seriesOf(former.view) === seriesOf(view));
  }
}

/** Equal for mills with the same plan and streams. */
function seriesOf({ plan: { fingerprint, nodes, outputs } }: MillView): string {
  return JSON.stringify([fingerprint, nodes.map(({ input }) => input.label), outputs.map(({ entry }) => entry.label)]);
}

function labelled(metric: Metric, labels: Labels): Metric {
  const samples = (metric.samples as any[]).map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
  return { ...metric, samples } as Metric;
}
