import { WaterMillError } from '../base/watermill-error.js';
import type { Metric } from '../mill/metrics/metric.js';
import { MillMetrics } from '../mill/metrics/mill-metrics.js';
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
 * the same name on. A mill that repeats one whose run is over takes its place, and its counters continue. Metrics are
 * computed when they are collected. From here on, calls of the mill are timed.
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

class MillsOfRegistry {
  private readonly mills = new MeasuredMills('mill');
  private readonly metrics: readonly RegisteredMetric[];

  static registeredIn(registry: MetricsRegistry, view: MillView): MillsOfRegistry {
    const mills = new MillsOfRegistry(view);
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

  private constructor(view: MillView) {
    this.metrics = new MillMetrics(view).now().map((metric) => new RegisteredMetric(metric, this.mills));
  }

  add(view: MillView): void {
    this.mills.add(view)?.metrics.timeCalls();
  }

  /** Returns whether the registry was cleared in the meantime, as far as it says what it has. */
  isRemovedFrom(registry: MetricsRegistry): boolean {
    if (typeof registry.getSingleMetric !== 'function') return false;
    return this.metrics.every((metric) => registry.getSingleMetric?.(metric.key) !== metric);
  }
}

/** A metric in the form of prom-client, which changes the name of a counter when it writes OpenMetrics. */
class RegisteredMetric {
  name: string;
  /** Its name in the registry, which does not change. */
  readonly key: string;
  readonly help: string;
  readonly type: string;
  /** How a registry of a cluster combines its processes. */
  readonly aggregator: string;
  private readonly family: string;

  constructor(
    { name, help, type, together }: Metric,
    private readonly mills: MeasuredMills,
  ) {
    this.family = name;
    this.key = type === 'counter' ? `${name}_total` : name;
    this.name = this.key;
    this.help = help;
    this.type = type;
    this.aggregator = together ?? 'sum';
  }

  async get(): Promise<object> {
    const { name, help, type, aggregator, family } = this;
    const metric = this.mills.now().find((each) => each.name === family);
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
