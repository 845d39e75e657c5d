import { Gauge, Registry } from 'prom-client';
import { MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import { registerMetrics } from 'watermill/metrics';
import { Order, orders, Price, prices, sell } from '../mill/support/model.js';
import { readOpenMetrics } from '../support/open-metrics.js';
import { until } from '../support/virtual-clock.js';

const mill = (...times: number[]): WaterMill =>
  new WaterMill({
    process: sell,
    broker: new MemoryMessageBroker([
      [Order, orders(...times)],
      [Price, prices(...times)],
    ]),
  });

describe('registerMetrics', () => {
  it('adds the current metrics of a mill to a registry of prom-client', async () => {
    const registry = new Registry();
    const one = mill(1, 2, 3);
    registerMetrics(one, registry);
    expect(await registry.metrics()).toContain('watermill_calls_total{mill="the process function"} 0\n');
    await one.run();
    const text = await registry.metrics();
    expect(text).toContain(
      '# TYPE watermill_calls_total counter\nwatermill_calls_total{mill="the process function"} 3\n',
    );
    expect(text).toContain('watermill_call_seconds_count{mill="the process function"} 3\n');
    // Each bucket counts the calls of those before it, too.
    expect(text).toMatch(/^watermill_call_seconds_bucket\{[^}]*le="\+Inf"[^}]*\} 3$/m);
    expect(text).toContain(
      'watermill_read_elements_total{mill="the process function",message="Order",stream="Order"} 3\n',
    );
  });

  it('times calls until they are done, also if several are in progress', async () => {
    const registry = new Registry();
    const answers: (() => void)[] = [];
    const process = processFunction(Order, { concurrency: 4 }, ({ time }) => {
      if (time === 3) return undefined;
      return new Promise<undefined>((resolve) => answers.push(() => resolve(undefined)));
    });
    const one = new WaterMill({ process, broker: new MemoryMessageBroker([[Order, orders(1, 2, 3)]]) });
    registerMetrics(one, registry);
    const running = one.run();
    await until(() => answers.length === 2 && one.progress().calls === 3);
    expect(await registry.metrics()).toContain(`watermill_call_seconds_count{mill="the process function"} 1\n`);
    for (const answer of answers) answer();
    await running;
    expect(await registry.metrics()).toContain(`watermill_call_seconds_count{mill="the process function"} 3\n`);
  });

  it('returns OpenMetrics for scrapers, and JSON', async () => {
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as any);
    const one = mill(1, 2);
    registerMetrics(one, registry);
    await one.run();
    const families = readOpenMetrics(await registry.metrics());
    expect(families.get('watermill_calls')?.samples).toEqual(
      new Map([['watermill_calls_total{mill="the process function"}', 2]]),
    );
    expect(families.get('watermill_call_seconds')?.type).toBe('histogram');
    expect(await registry.getMetricsAsJSON()).toContainEqual(
      expect.objectContaining({ name: 'watermill_calls', type: 'counter' }),
    );
    registry.resetMetrics();
    expect(await registry.metrics()).toContain('watermill_calls_total{mill="the process function"} 2\n');
  });

  it('registers several mills, distinguished by a label, and ignores a repeated one', async () => {
    const registry = new Registry();
    const both = [mill(1), mill(1, 2)];
    for (const each of [...both, ...both]) registerMetrics(each, registry);
    for (const each of both) await each.run();
    const text = await registry.metrics();
    expect(text.match(/^watermill_calls_total.*$/gm)).toEqual([
      'watermill_calls_total{mill="the process function"} 1',
      'watermill_calls_total{mill="the process function 2"} 2',
    ]);
  });

  it('registers nothing if the registry has a metric of the same name, so that it can be tried again', async () => {
    const registry = new Registry();
    new Gauge({ name: 'watermill_waiting_elements', help: 'of another', registers: [registry] });
    const one = mill(1);
    expect(() => registerMetrics(one, registry)).toThrow(
      'registerMetrics: the registry already has a metric watermill_waiting_elements. Remove it, or use another registry',
    );
    expect(registry.getMetricsAsArray()).toHaveLength(1);
    registry.removeSingleMetric('watermill_waiting_elements');
    registerMetrics(one, registry);
    await one.run();
    expect(await registry.metrics()).toContain('watermill_calls_total{mill="the process function"} 1\n');
  });

  it('registers again in a registry that was cleared', async () => {
    const registry = new Registry();
    registerMetrics(mill(1), registry);
    registry.clear();
    const next = mill(1, 2);
    registerMetrics(next, registry);
    await next.run();
    expect((await registry.metrics()).match(/^watermill_calls_total.*$/gm)).toEqual([
      'watermill_calls_total{mill="the process function"} 2',
    ]);
  });

  it('does not add metrics again that were removed one by one', async () => {
    const registry = new Registry();
    registerMetrics(mill(1), registry);
    registry.removeSingleMetric('watermill_lanes');
    registerMetrics(mill(1), registry);
    expect(await registry.metrics()).not.toContain('watermill_lanes');
  });

  it('refuses values that are not a mill or not a registry', () => {
    expect(() => registerMetrics({} as WaterMill, new Registry())).toThrow(
      'registerMetrics: expected a WaterMill, found {}.',
    );
    expect(() => registerMetrics(mill(1), {} as Registry)).toThrow(
      'expected a registry of prom-client, with registerMetric',
    );
  });
});
