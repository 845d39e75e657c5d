import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import { MemoryMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { registerMetrics } from 'watermill/metrics';
import { Order, orders, Price, prices, range, Sale, sell } from '../mill/support/model.js';
import { ReturningLanes } from '../mill/support/returning-lanes.js';
import { ScriptedBroker, ScriptedStream } from '../mill/support/scripted-broker.js';
import { readOpenMetrics } from '../support/open-metrics.js';
import { settled, until, VirtualClock } from '../support/virtual-clock.js';

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

  it('continues the counters of a mill that is run again, and adds no series', async () => {
    const registry = new Registry();
    const calls = async (): Promise<string[]> =>
      [...((await registry.metrics()).match(/^watermill_call(s_total|_seconds_count).*$/gm) ?? [])].sort();
    const failing = new WaterMill({
      process: processFunction(Order, {}, ({ time }) => {
        if (time === 3) throw new Error('no stock');
      }),
      broker: new MemoryMessageBroker([[Order, orders(1, 2, 3)]]),
    });
    registerMetrics(failing, registry);
    await expect(failing.run()).rejects.toThrow('no stock');
    for (let runs = 1; runs <= 3; runs++) {
      const broker = new MemoryMessageBroker([[Order, orders(1, 2)]]);
      const again = new WaterMill({ process: processFunction(Order, {}, () => {}), broker });
      registerMetrics(again, registry);
      registerMetrics(failing, registry);
      expect(await registry.metrics()).toContain('watermill_healthy{mill="the process function"} 1\n');
      await again.run();
      expect(await calls()).toEqual([
        `watermill_call_seconds_count{mill="the process function"} ${3 + runs * 2}`,
        `watermill_calls_total{mill="the process function"} ${3 + runs * 2}`,
      ]);
    }
    const seconds = 'watermill_commit_seconds_count{mill="the process function"} ';
    expect(await registry.metrics()).toContain(`${seconds}4\n`);
    const other = mill(1);
    registerMetrics(other, registry);
    await other.run();
    expect(await calls()).toContain('watermill_calls_total{mill="the process function 2"} 1');
  });

  it('never decreases a counter: results that a lost lane could not commit stay counted', async () => {
    const registry = new Registry();
    const broker = new ReturningLanes([[Order, new ScriptedStream(orders(1, 2, 3), true)]]);
    const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));
    const one = new WaterMill({ process, broker });
    registerMetrics(one, registry);
    const running = one.run();
    const results = 'watermill_results_total{mill="the process function",message="Sale",stream="Sale"} 3\n';
    await until(() => broker.written(Sale).length === 3);
    expect(await registry.metrics()).toContain(results);
    broker.lose();
    expect((await running).emitted[0]?.count).toBe(0);
    expect(await registry.metrics()).toContain(results);
  });

  it('reports the age of the last commit while there is something to commit', async () => {
    const registry = new Registry();
    const clock = new VirtualClock();
    const stream = new ScriptedStream(orders(1), true);
    const process = processFunction(Order, { concurrency: 2 }, ({ time }) => (time === 2 ? open : undefined));
    let answer = (): void => {};
    const open = new Promise<void>((resolve) => {
      answer = () => resolve();
    });
    const broker = new ScriptedBroker([[Order, stream]]);
    const one = new WaterMill({ process, broker, clock, commitEvery: { ms: 1_000 } });
    registerMetrics(one, registry);
    const running = one.run();
    const age = async (): Promise<number> =>
      Number(/^watermill_last_commit_age_seconds\{.*\} (.*)$/m.exec(await registry.metrics())?.[1]);
    await clock.advance(500);
    expect(await age()).toBe(0.5);
    await clock.advance(3_600_000);
    expect(await age()).toBe(0);
    stream.push(...orders(2));
    await clock.advance(60_000);
    expect(await age()).toBeGreaterThanOrEqual(60);
    answer();
    await clock.advance(1_000);
    expect(await age()).toBe(0);
    stream.end();
    await settled();
    await running;
  });

  it('lets a registry of a cluster combine the processes', async () => {
    const metrics = await Promise.all(
      [2, 3].map(async (count) => {
        const registry = new Registry();
        const one = mill(...range(count));
        registerMetrics(one, registry);
        await one.run();
        return registry.getMetricsAsJSON();
      }),
    );
    const text = await AggregatorRegistry.aggregate(metrics as never).metrics();
    expect(text).toContain('watermill_calls_total{mill="the process function"} 5\n');
    expect(text).toContain('watermill_healthy{mill="the process function"} 1\n');
    expect(text).toContain('watermill_progress_ratio{mill="the process function",message="Order",stream="Order"} 1\n');
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
