import { unknownOption } from '../base/option-names.js';
import { WaterMillError } from '../base/watermill-error.js';
import { CallTimes } from '../mill/metrics/call-times.js';
import type { Metric } from '../mill/metrics/metric.js';
import { metricsOf } from '../mill/metrics/mill-metrics.js';
import { callBounds } from '../mill/report/histogram.js';
import type { MillView } from '../mill/report/mill-view.js';
import type { WaterMill } from '../mill/water-mill.js';
import { checkMethods, viewOfGiven, wrong } from './checks.js';
import { MeasuredMills } from './measured-mills.js';
import { type Meter, type ObservableResult, type Tracer, watchedBy } from './spanned-calls.js';

/** From the OpenTelemetry API: `metrics.getMeter(…)`, `trace.getTracer(…)`. One of them may be left out. */
export interface TelemetryProviders {
  readonly meter?: object;
  readonly tracer?: object;
}

/** The mills of each meter. */
const measured = new WeakMap<object, MeasuredMills>();

/**
 * Adds the metrics of a mill to a meter of OpenTelemetry, with the names of `/metrics`, and a span to a tracer for each
 * call of the process function; consecutive synchronous calls share one span. The span is active while the function
 * runs, so that it is the parent of spans inside the call. Spans contain the process, the position, and the class or
 * code of an error, but no data of elements.
 *
 * The attribute `watermill.process` of metrics distinguishes several mills of one meter: the name of the process, with a
 * number from the second of the same name on. A tracer or meter that throws does not affect the mill: Node prints one
 * warning.
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
  const calls = meter === undefined ? undefined : measure(view, meter as Meter);
  view.watchCalls(watchedBy(view.plan.process.name, calls, tracer as Tracer | undefined));
}

/**
 * Registers metrics that are observed when the meter collects. Returns the recorder for the seconds of calls; undefined
 * if the meter has them already.
 */
function measure(view: MillView, meter: Meter): { record(seconds: number): void } | undefined {
  const mills = measured.get(meter) ?? new MeasuredMills();
  measured.set(meter, mills);
  const own = mills.add(view);
  if (own === undefined) return undefined;
  // Calls are timed by the returned recorder; the rest is counted by the mill.
  const times = new CallTimes();
  const process = { 'watermill.process': own };
  for (const { name, help, unit, type } of metricsOf(view, times)) {
    if (name === 'watermill_call_seconds') continue;
    const options = { description: help, unit: unit === 'seconds' ? 's' : unit === 'elements' ? '{element}' : '' };
    const isGauge = type === 'gauge';
    const instrument = isGauge
      ? meter.createObservableGauge(name, options)
      : meter.createObservableCounter(name, options);
    instrument.addCallback((result) => {
      const metric = metricsOf(view, times).find((each) => each.name === name);
      if (metric !== undefined) observe(metric, result, process);
    });
  }
  const advice = { explicitBucketBoundaries: callBounds };
  const histogram = meter.createHistogram('watermill_call_seconds', { unit: 's', advice });
  return { record: (seconds) => histogram.record(seconds, process) };
}

function observe(metric: Metric, result: ObservableResult, common: object): void {
  if (metric.type === 'histogram') {
    for (const { labels, histogram } of metric.samples) result.observe(histogram.sum, { ...common, ...labels });
    return;
  }
  for (const { labels, value } of metric.samples) result.observe(value, { ...common, ...labels });
}
