import { WaterMillError } from '../base/watermill-error.js';
import { CallTimes } from '../mill/metrics/call-times.js';
import type { Labels, Metric } from '../mill/metrics/metric.js';
import { metricsOf } from '../mill/metrics/mill-metrics.js';
import type { MillView } from '../mill/report/mill-view.js';
import type { WaterMill } from '../mill/water-mill.js';
import { checkMethods, viewOfGiven } from './checks.js';
import { MeasuredMills } from './measured-mills.js';

/** A registry of prom-client, or a compatible one. */
export interface MetricsRegistry {
  registerMetric(metric: any): void;
  getSingleMetric?(name: string): unknown;
}

/** The mills of each registry: one set of metrics serves all of them. */
const registered = new WeakMap<MetricsRegistry, MillsOfRegistry>();

/**
 * Adds the metrics of a mill to a registry of prom-client, the same as those of `/metrics` of a service. Several mills
 * may share a registry; the label `mill` distinguishes them: the name of the process, with a number from the second of
 * the same name on. Metrics are computed when they are collected. From here on, calls of the mill are timed.
 *
 * prom-client is not loaded: only the registry is used. Throws `WM_METRICS` for an object that is not a mill or a
 * registry, and, before anything is registered, if the registry already has another metric of one of these names.
 *
 * @example
 * ```ts
 * registerMetrics(mill, client.register);
 * await mill.run();
 * ```
 */
export function registerMetrics(mill: WaterMill<any>, registry: MetricsRegistry): void {
  const view = viewOfGiven('registerMetrics', mill);
  checkMethods('registerMetrics', 'a registry of prom-client', registry, ['registerMetric']);
  const known = registered.get(registry);
  if (known !== undefined && !known.isRemovedFrom(registry)) known.add(view);
  else registered.set(registry, MillsOfRegistry.registeredIn(registry, view));
}

interface MeasuredMill {
  readonly view: MillView;
  readonly times: CallTimes;
  readonly name: string;
}

class MillsOfRegistry {
  private readonly mills: MeasuredMill[] = [];
  private readonly measured = new MeasuredMills();
  private readonly metrics: readonly RegisteredMetric[];
  private current: readonly Metric[] | undefined;

  static registeredIn(registry: MetricsRegistry, view: MillView): MillsOfRegistry {
    const mills = new MillsOfRegistry(metricsOf(view, new CallTimes()));
    for (const { key } of mills.metrics) {
      if (registry.getSingleMetric?.(key) === undefined) continue;
      throw new WaterMillError(
        'WM_METRICS',
        `registerMetrics: the registry already has a metric ${key}. Remove it, or use another registry: new Registry().`,
        { metric: key },
      );
    }
    for (const metric of mills.metrics) registry.registerMetric(metric);
    mills.add(view);
    return mills;
  }

  private constructor(metrics: readonly Metric[]) {
    this.metrics = metrics.map((metric) => new RegisteredMetric(metric, this));
  }

  add(view: MillView): void {
    const name = this.measured.add(view);
    if (name === undefined) return;
    const times = new CallTimes();
    view.watchCalls(times.watch);
    this.mills.push({ view, times, name });
  }

  /** Returns whether the registry was cleared in the meantime, as far as it says what it has. */
  isRemovedFrom(registry: MetricsRegistry): boolean {
    if (typeof registry.getSingleMetric !== 'function') return false;
    return this.metrics.every((metric) => registry.getSingleMetric?.(metric.key) !== metric);
  }

  /** All metrics of all mills; those of one scrape, which are requested one by one, are a consistent snapshot. */
  snapshot(): readonly Metric[] {
    if (this.current !== undefined) return this.current;
    queueMicrotask(() => {
      this.current = undefined;
    });
    const [first = [], ...others] = this.mills.map(({ view, times, name }) =>
      metricsOf(view, times).map((metric) => labelled(metric, { mill: name })),
    );
    this.current = first.map((metric, i) => {
      const samples = [metric, ...others.map((of) => of[i])].flatMap((each) => (each?.samples ?? []) as any[]);
      return { ...metric, samples } as Metric;
    });
    return this.current;
  }
}

function labelled(metric: Metric, labels: Labels): Metric {
  const samples = (metric.samples as any[]).map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
  return { ...metric, samples } as Metric;
}

/** A metric in the form of prom-client, which changes the name of a counter when it writes OpenMetrics. */
class RegisteredMetric {
  name: string;
  /** Its name in the registry, which does not change. */
  readonly key: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator = 'sum';
  private readonly family: string;

  constructor(
    { name, help, type }: Metric,
    private readonly mills: MillsOfRegistry,
  ) {
    this.family = name;
    this.key = type === 'counter' ? `${name}_total` : name;
    this.name = this.key;
    this.help = help;
    this.type = type;
  }

  async get(): Promise<object> {
    const { name, help, type, aggregator, family } = this;
    const metric = this.mills.snapshot().find((each) => each.name === family);
    return { name, help, type, aggregator, values: metric === undefined ? [] : valuesOf(metric) };
  }

  /** The counts of a mill are not reset. */
  reset(): void {}
}

function valuesOf(metric: Metric): readonly object[] {
  if (metric.type !== 'histogram') return metric.samples;
  const { name } = metric;
  return metric.samples.flatMap(({ labels, histogram }) => {
    const { bounds, counts, count, sum } = histogram;
    let below = 0;
    const buckets = counts.map((inBucket, i) => {
      below += inBucket;
      return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: below };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  });
}
