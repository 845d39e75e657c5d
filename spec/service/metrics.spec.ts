import {
  EndOfStream,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { Order, orders, Price, prices, Sale, sell } from '../mill/support/model.js';
import { readOpenMetrics } from '../support/open-metrics.js';
import { endServed, serve } from './serve.js';

afterEach(endServed);

const join = { left: field(Order, 'time'), right: field(Price, 'time') };

describe('/metrics', () => {
  it('returns OpenMetrics text about the mill, with labels of the plan', async () => {
    const broker = new MemoryMessageBroker([
      [Order, orders(1, 2, 3, 5, 6)],
      [Price, prices(2, 2, 4, 5)],
    ]);
    const asked = new Map<string, string>();
    const process = processFunction(joinStreams(Order, joinWith(Price, join)), { emits: [Sale] }, async (order) => {
      if (order.time === 5) asked.set('in the call', await served.text('/metrics'));
      return [];
    });
    const served = serve(new WaterMill({ process, broker }));
    await served.ended;
    const families = readOpenMetrics(asked.get('in the call') as string);
    const of = (family: string): unknown => Object.fromEntries(families.get(family)?.samples ?? []);
    const order = '{message="Order",stream="Order"}';
    const price = '{message="Price",stream="Price"}';
    expect(of('watermill_read_elements')).toEqual({
      [`watermill_read_elements_total${order}`]: 4,
      [`watermill_read_elements_total${price}`]: 4,
    });
    expect(of('watermill_matched_elements')).toMatchObject({ [`watermill_matched_elements_total${price}`]: 3 });
    expect(of('watermill_passed_over_elements')).toMatchObject({ [`watermill_passed_over_elements_total${order}`]: 2 });
    expect(of('watermill_calls')).toEqual({ watermill_calls_total: 2 });
    expect(of('watermill_call_seconds')).toMatchObject({
      watermill_call_seconds_count: 1,
      'watermill_call_seconds_bucket{le="60.0"}': 1,
      'watermill_call_seconds_bucket{le="+Inf"}': 1,
    });
    expect(of('watermill_held_elements')).toEqual({
      'watermill_held_elements{by="Order"}': 0,
      'watermill_held_elements{by="Order to Price"}': 1,
    });
    expect(of('watermill_lanes')).toEqual({ watermill_lanes: 1 });
    expect(of('watermill_healthy')).toEqual({ watermill_healthy: 1 });
  });

  it('counts elements held by windows, results, and commits with their duration', async () => {
    const broker = new MemoryMessageBroker([[Order]]);
    const window = tumblingWindow(Order, field(Order, 'time'), { size: 10 });
    const process = processFunction(window, { emits: [Sale] }, (elements) =>
      elements.map(({ id, time }) => message(Sale, { id, amount: time })),
    );
    const served = serve(new WaterMill({ process, broker, commitEvery: { elements: 1 } }));
    const sampleOf = async (family: string, sample: string): Promise<number | undefined> =>
      readOpenMetrics(await served.text('/metrics'))
        .get(family)
        ?.samples.get(sample);
    broker.push(Order, ...orders(1, 2, 3));
    const held = 'watermill_held_elements{by="window of Order"}';
    await served.until(async () => (await sampleOf('watermill_held_elements', held)) === 3);
    broker.push(Order, ...orders(11));
    const results = 'watermill_results_total{message="Sale",stream="Sale"}';
    await served.until(async () => (await sampleOf('watermill_results', results)) === 3);
    expect(await sampleOf('watermill_held_elements', held)).toBe(1);
    expect(await sampleOf('watermill_commits', 'watermill_commits_total')).toBeGreaterThan(1);
    const age = 'watermill_last_commit_age_seconds';
    expect(await sampleOf(age, age)).toBeLessThan(10);
    broker.push(Order, new EndOfStream());
    expect(await served.ended).toBe(0);
  });

  it('reports for how long lanes have waited for which stream', async () => {
    const broker = new MemoryMessageBroker([[Order, orders(1, 2)], [Price]]);
    const served = serve(new WaterMill({ process: sell, broker }));
    const sample = 'watermill_waiting_seconds_total{message="Price",stream="Price"}';
    await served.until(async () => {
      const metrics = readOpenMetrics(await served.text('/metrics'));
      const blocked = metrics.get('watermill_blocked_seconds')?.samples.get('watermill_blocked_seconds{for="input"}');
      return (metrics.get('watermill_waiting_seconds')?.samples.get(sample) ?? 0) > 0 && (blocked ?? 0) > 0;
    });
    broker.push(Price, ...prices(1, 2, 3), new EndOfStream());
    expect(await served.ended).toBe(0);
  });
});

describe('/plan and /progress', () => {
  it('return the plan as JSON, text and Mermaid, and the progress of the mill', async () => {
    const broker = new MemoryMessageBroker([[Order], [Price]]);
    const mill = new WaterMill({ process: sell, broker });
    const served = serve(mill);
    expect(JSON.parse(await served.text('/plan'))).toMatchObject({
      process: 'the process function',
      streams: [{ name: 'Order' }, { name: 'Price', order: 'fails the run' }],
      edges: [{ parent: 'Order', child: 'Price', kind: 'inner', condition: 'Order.time = Price.time' }],
      results: [{ name: 'Sale' }],
      text: mill.explain(),
    });
    expect(await served.text('/plan?format=text')).toBe(mill.explain());
    expect(await served.text('/plan?format=mermaid')).toBe(mill.explain({ format: 'mermaid' }));
    expect((await served.get('/plan?format=picture')).status).toBe(400);
    await broker.push(Order, ...orders(1, 2));
    await served.until(async () => JSON.parse(await served.text('/progress')).waiting[0]?.waiters[0] === 'Order');
    expect(JSON.parse(await served.text('/progress'))).toMatchObject({
      calls: 0,
      held: [
        { by: 'Order', elements: 1 },
        { by: 'Order to Price', elements: 0 },
      ],
      waiting: [{ for: 'input', awaited: ['Price'] }],
    });
    expect((await served.get('/healthz')).status).toBe(200);
    await mill.stop();
    expect(await served.ended).toBe(0);
  });

  it('are available on loopback only, unless another host is configured', async () => {
    const broker = new MemoryMessageBroker([[Order], [Price]]);
    const mill = new WaterMill({ process: sell, broker });
    const served = serve(mill);
    expect(await served.address).toMatch(/^\/healthz, .* and \/ answer on port \d+ of 127\.0\.0\.1$/);
    await mill.stop();
    await served.ended;
  });
});
