import { unknownOption } from '../base/option-names.js';
import { WaterMillError } from '../base/watermill-error.js';
import { CallTimes } from '../mill/metrics/call-times.js';
import type { Metric } from '../mill/metrics/metric.js';
import { metricsOf } from '../mill/metrics/mill-metrics.js';
import { callBounds } from '../mill/report/histogram.js';
import type { MillView } from '../mill/report/mill-view.js';
import type { WaterMill } from '../mill/water-mill.js';
import { checkMethods, viewOfGiven, wrong } from './checks.js';
import { type Meter, type ObservableResult, type Tracer, watchedBy } from './spanned-calls.js';

/** Of the API of OpenTelemetry: `metrics.getMeter(…)`, `trace.getTracer(…)`. One of them may be left out. */
export interface TelemetryProviders {
  readonly meter?: object;
  readonly tracer?: object;
}

/**
 * Adds the metrics of a mill to a meter of OpenTelemetry, under the names that `/metrics` has, and a span to a tracer for
 * each call of the process function; synchronous calls that are made in one go have one span together. The span is active
 * while the function runs, so that spans of what it calls are below it. Spans say which process and which position, and of an
 * error its class or code: nothing of what elements hold.
 *
 * `watermill_call_seconds` is recorded once per span: of calls in one go their mean. Of commits, `watermill_commit_seconds` is a
 * counter of the time that they took.
 *
 * @opentelemetry/api is not loaded: meter and tracer are all that is used. Call it before `run()`. Throws `WM_METRICS` for what is not
 * a mill, a meter or a tracer.
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

/** Observed when the meter collects. Returns what takes the seconds of calls. */
function measure(view: MillView, meter: Meter): { record(seconds: number): void } {
  // Calls are timed by what this returns; the rest is what the mill counts.
  const times = new CallTimes();
  const process = { 'watermill.process': view.plan.process.name };
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
