import { unknownOption } from '../base/option-names.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Metric } from '../mill/metrics/metric.js';
import { MillMetrics } from '../mill/metrics/mill-metrics.js';
import { callBounds } from '../mill/report/histogram.js';
import type { MillView } from '../mill/report/mill-view.js';
import type { WaterMill } from '../mill/water-mill.js';
import { checkMethods, viewOfGiven, wrong } from './checks.js';
import { MeasuredMills } from './measured-mills.js';
import { type Meter, type ObservableResult, type Tracer, watchedBy } from './spanned-calls.js';

/** From the OpenTelemetry API: `metrics.getMeter(…)`, `trace.getTracer(…)`. One of them may be left out. */
export interface TelemetryProviders {
  /** A `Meter` of OpenTelemetry, for the metrics. Default: no metrics. */
  readonly meter?: object;
  /** A `Tracer` of OpenTelemetry, for spans. Default: no spans. */
  readonly tracer?: object;
}

/** Calls are timed by a histogram of the meter; the rest is counted by the mill. */
const callSeconds = 'watermill_call_seconds';

const measured = new WeakMap<object, MillsOfMeter>();

/**
 * Adds the metrics of a mill to a meter of OpenTelemetry, with the names of `/metrics`, and a span to a tracer for each
 * call of the process function; consecutive synchronous calls share one span. The span is active while the function
 * runs, so that it is the parent of spans inside the call. Spans contain the process, the position, and the class or
 * code of an error, but no data of elements.
 *
 * The attribute `watermill.process` of metrics distinguishes several mills of one meter: the name of the process, with a
 * number from the second of the same name on. A mill that repeats one whose run is over takes its place, and its counters
 * continue. A tracer or meter that throws does not affect the mill: Node prints one warning.
 *
 * `watermill_call_seconds` is recorded once per span: the mean of calls that share it. `watermill_commit_seconds` is a
 * counter of the total time of commits.
 *
 * @opentelemetry/api is not loaded: only the meter and the tracer are used. Call it before `run()`. Throws `WM_METRICS`
 * for an object that is not a mill, a meter or a tracer.
 *
 * @example
 * ```ts
 * telemetry(mill, { meter: metrics.getMeter('speed'), tracer: trace.getTracer('speed') });
 * ```
 */
export function telemetry(mill: WaterMill<any>, providers: TelemetryProviders): void {
  const view = viewOfGiven('telemetry', mill);
  const expected = 'a meter or a tracer';
  if (typeof providers !== 'object' || providers === null) throw wrong('telemetry', expected, providers);
  const unknown = unknownOption(providers, ['meter', 'tracer']);
  if (unknown !== undefined) throw new WaterMillError('WM_METRICS', `telemetry ${unknown.sentence}`, unknown.details);
  const { meter, tracer } = providers;
  if (meter === undefined && tracer === undefined) throw wrong('telemetry', expected, providers);
  if (meter !== undefined) checkMethods('telemetry', 'a meter', meter, ['createObservableCounter', 'createHistogram']);
  if (tracer !== undefined) checkMethods('telemetry', 'a tracer', tracer, ['startActiveSpan']);
  const calls = meter === undefined ? undefined : millsOf(meter as Meter, view).add(view);
  view.watchCalls(watchedBy(view.plan.process.name, calls, tracer as Tracer | undefined));
}

function millsOf(meter: Meter, view: MillView): MillsOfMeter {
  const mills = measured.get(meter) ?? new MillsOfMeter(meter, view);
  measured.set(meter, mills);
  return mills;
}

/** The mills of a meter: one set of instruments observes all of them when the meter collects. */
class MillsOfMeter {
  private readonly mills = new MeasuredMills('watermill.process');
  private readonly callSeconds: ReturnType<Meter['createHistogram']>;

  constructor(meter: Meter, view: MillView) {
    for (const { name, help, unit, type } of new MillMetrics(view).now()) {
      if (name === callSeconds) continue;
      const options = { description: help, unit: unit === 'seconds' ? 's' : unit === 'elements' ? '{element}' : '' };
      const instrument =
        type === 'gauge' ? meter.createObservableGauge(name, options) : meter.createObservableCounter(name, options);
      instrument.addCallback((result) => {
        const metric = this.mills.now().find((each) => each.name === name);
        if (metric !== undefined) observe(metric, result);
      });
    }
    this.callSeconds = meter.createHistogram(callSeconds, {
      unit: 's',
      advice: { explicitBucketBoundaries: callBounds },
    });
  }

  /** Returns the recorder for the seconds of calls; undefined if the mill was added before. */
  add(view: MillView): { record(seconds: number): void } | undefined {
    const mill = this.mills.add(view);
    if (mill === undefined) return undefined;
    const attributes = { 'watermill.process': mill.name };
    return { record: (seconds) => this.callSeconds.record(seconds, attributes) };
  }
}

function observe(metric: Metric, result: ObservableResult): void {
  if (metric.type === 'histogram') {
    for (const { labels, histogram } of metric.samples) result.observe(histogram.sum, labels);
    return;
  }
  for (const { labels, value } of metric.samples) result.observe(value, labels);
}
