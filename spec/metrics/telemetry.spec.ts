import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type TracerConfig,
} from '@opentelemetry/sdk-trace-base';
import { MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import { telemetry } from 'watermill/metrics';
import { silentLogger } from '../../lib/base/logger.js';
import { Order, orders, Price, prices, sell, tree } from '../mill/support/model.js';
import { until } from '../support/virtual-clock.js';

const broker = (...times: number[]): MemoryMessageBroker =>
  new MemoryMessageBroker([
    [Order, orders(...times)],
    [Price, prices(...times)],
  ]);

function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { exporter, tracer: provider.getTracer('test') };
}

const fails = (): never => {
  throw new Error('telemetry fails');
};
const idle = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };

describe('telemetry', () => {
  beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
  afterAll(() => context.disable());

  it('adds the metrics of a mill to a meter', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    const mill = new WaterMill({ process: sell, broker: broker(1, 2, 3) });
    telemetry(mill, { meter: provider.getMeter('test') });
    await mill.run();
    await provider.forceFlush();
    const [resource] = exporter.getMetrics();
    const metrics = new Map(resource?.scopeMetrics[0]?.metrics.map((metric) => [metric.descriptor.name, metric]));
    const attributes = { 'watermill.process': 'the process function' };
    expect(metrics.get('watermill_calls')?.dataPoints).toMatchObject([{ value: 3, attributes }]);
    expect(metrics.get('watermill_read_elements')?.descriptor).toMatchObject({ unit: '{element}' });
    expect(metrics.get('watermill_read_elements')?.dataPoints).toMatchObject([
      { value: 3, attributes: { ...attributes, message: 'Order', stream: 'Order' } },
      { value: 3, attributes: { message: 'Price' } },
    ]);
    expect(metrics.get('watermill_call_seconds')?.dataPoints).toMatchObject([{ attributes, value: { count: 1 } }]);
    expect(metrics.get('watermill_healthy')?.dataPoints).toMatchObject([{ value: 1 }]);
    await provider.shutdown();
  });

  it('adds the metrics of several mills to one meter, and those of each only once', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    const meter = provider.getMeter('test');
    const both = [[1], [1, 2]].map((times) => new WaterMill({ process: sell, broker: broker(...times) }));
    for (const mill of [...both, ...both]) telemetry(mill, { meter });
    for (const mill of both) await mill.run();
    await provider.forceFlush();
    const metrics = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics;
    const points = metrics?.find(({ descriptor }) => descriptor.name === 'watermill_calls')?.dataPoints;
    expect(points?.map(({ attributes, value }) => [attributes['watermill.process'], value])).toEqual([
      ['the process function', 1],
      ['the process function 2', 2],
    ]);
    const seconds = metrics?.find(({ descriptor }) => descriptor.name === 'watermill_call_seconds')?.dataPoints;
    expect(seconds).toMatchObject([{ value: { count: 1 } }, { value: { count: 1 } }]);
    await provider.shutdown();
  });

  it('continues the counters of a mill that is run again', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    for (let runs = 0; runs < 3; runs++) {
      const mill = new WaterMill({ process: sell, broker: broker(1, 2) });
      telemetry(mill, { meter: provider.getMeter('test') });
      await mill.run();
    }
    await provider.forceFlush();
    const metrics = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics;
    const points = (name: string) => metrics?.find(({ descriptor }) => descriptor.name === name)?.dataPoints;
    const attributes = { 'watermill.process': 'the process function' };
    expect(points('watermill_calls')).toMatchObject([{ attributes, value: 6 }]);
    expect(points('watermill_healthy')).toMatchObject([{ attributes, value: 1 }]);
    expect(points('watermill_call_seconds')).toMatchObject([{ attributes, value: { count: 3 } }]);
    await provider.shutdown();
  });

  it("opens a span around each async call, a parent of the function's spans, without element contents", async () => {
    const { exporter, tracer } = tracing();
    const process = processFunction(tree, { emits: [] }, async (order) => {
      tracer.startSpan(`inner ${order.time}`).end();
      await Promise.resolve();
      expect(trace.getActiveSpan()).toBeDefined();
    });
    const mill = new WaterMill({ process, broker: broker(1, 2) });
    telemetry(mill, { tracer });
    await mill.run();
    const spans = exporter.getFinishedSpans();
    const outer = spans.filter(({ name }) => name === 'the process function');
    expect(outer.map(({ attributes }) => attributes)).toEqual(
      [0, 1].map((position) => ({
        'watermill.process': 'the process function',
        'watermill.position': position,
        'watermill.calls': 1,
      })),
    );
    const inner = spans.filter(({ name }) => name.startsWith('inner'));
    expect(inner.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      outer.map((span) => span.spanContext().spanId),
    );
  });

  it('keeps the spans of concurrent calls open until each is done', async () => {
    const { exporter, tracer } = tracing();
    const answers: (() => void)[] = [];
    const process = processFunction(Order, { concurrency: 2, onError: 'skip' }, async ({ time }) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      if (time === 2) throw new TypeError('secret');
    });
    const mill = new WaterMill({ process, broker: broker(1, 2), logger: silentLogger });
    telemetry(mill, { tracer });
    const running = mill.run();
    await until(() => answers.length === 2);
    expect(exporter.getFinishedSpans()).toEqual([]);
    for (const answer of answers) answer();
    await running;
    expect(exporter.getFinishedSpans().map(({ attributes }) => attributes['error.type'])).toEqual([
      undefined,
      'TypeError',
    ]);
  });

  it('opens one span for calls that are made together, and records the code of an error', async () => {
    const { exporter, tracer } = tracing();
    const process = processFunction(tree, { emits: [] }, (order) => {
      if (order.time === 3) throw new Error('secret of o2');
    });
    const mill = new WaterMill({ process, broker: broker(1, 2, 3) });
    telemetry(mill, { tracer });
    await expect(mill.run()).rejects.toMatchObject({ code: 'WM_PROCESS_FAILED' });
    const [span, ...others] = exporter.getFinishedSpans();
    expect(others).toEqual([]);
    expect(span?.attributes).toMatchObject({ 'watermill.calls': 3, 'error.type': 'WM_PROCESS_FAILED' });
    expect(span?.status).toEqual({ code: 2 });
    expect([span?.events, JSON.stringify(span?.attributes)]).toEqual([[], expect.not.stringContaining('secret')]);
  });

  it.each<[string, TracerConfig]>([
    ['a sampler', { sampler: { shouldSample: fails } }],
    ['the start of a span', { spanProcessors: [{ ...idle, onStart: fails }] }],
    ['the end of a span', { spanProcessors: [{ ...idle, onEnd: fails }] }],
  ])('does not let the mill fail with %s', async (_, config) => {
    const tracer = new BasicTracerProvider(config).getTracer('test');
    for (const isAsync of [false, true]) {
      const calls: number[] = [];
      const process = processFunction(Order, {}, ({ time }) => {
        calls.push(time);
        return isAsync ? Promise.resolve() : undefined;
      });
      const mill = new WaterMill({ process, broker: new MemoryMessageBroker([[Order, orders(1, 2)]]) });
      telemetry(mill, { tracer });
      await mill.run();
      expect(calls).toEqual([1, 2]);
    }
  });

  it('does not let the mill fail with a meter that records nothing', async () => {
    const createObservable = () => ({ addCallback() {} });
    const meter = {
      createObservableCounter: createObservable,
      createObservableGauge: createObservable,
      createHistogram: () => ({ record: fails }),
    };
    const mill = new WaterMill({ process: sell, broker: broker(1, 2) });
    telemetry(mill, { meter });
    expect((await mill.run()).calls).toBe(2);
  });

  it('refuses values that are not a mill, a meter or a tracer', () => {
    const mill = new WaterMill({ process: sell, broker: broker(1) });
    expect(() => telemetry({} as WaterMill, { meter: {} })).toThrow('telemetry: expected a WaterMill');
    expect(() => telemetry(mill, {})).toThrow('expected a meter or a tracer');
    expect(() => telemetry(mill, { meter: {} })).toThrow(
      'expected a meter, with createObservableCounter and createHistogram',
    );
    expect(() => telemetry(mill, { tracer: {} })).toThrow('expected a tracer, with startActiveSpan');
  });
});
