import { Worker } from 'node:worker_threads';
import { message, processFunction, WaterMill } from 'watermill';
import { unhandledRejections } from '../support/unhandled-rejections.js';
import { settled } from '../support/virtual-clock.js';
import { Order, orders, Sale } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const copy = processFunction(Order, { emits: [Sale] }, ({ id }) => message(Sale, { id, amount: 1 }));
const figures = (mill: WaterMill) => {
  const { calls, nodes } = mill.progress();
  return { calls, nodes: nodes.map(({ read, matched, position }) => ({ read, matched, position })) };
};
const nothing = { read: 0, matched: 0 };

describe('a mill can be queried at any time', () => {
  let unhandled: ReturnType<typeof unhandledRejections>;
  beforeEach(() => {
    unhandled = unhandledRejections();
  });
  afterEach(async () => {
    await new Promise(setImmediate);
    unhandled.stop();
    expect(unhandled.seen).toEqual([]);
  });

  it('before it runs, while it starts, while it runs, and after its end', async () => {
    const live = new ScriptedStream(orders(1, 2), true);
    const mill = new WaterMill({ process: copy, broker: new ScriptedBroker([[Order, live]]) });
    expect(mill.health()).toEqual({ ready: false, healthy: true, lanes: [] });
    expect(figures(mill)).toMatchObject({ calls: 0, nodes: [nothing] });
    const run = mill.run();
    expect(mill.health()).toMatchObject({ ready: false, healthy: true });
    expect(figures(mill)).toMatchObject({ calls: 0, nodes: [nothing] });
    await settled();
    expect(mill.health()).toMatchObject({ ready: true, healthy: true });
    expect(figures(mill)).toEqual({ calls: 2, nodes: [{ read: 2, matched: 2, position: 2 }] });
    live.end();
    const report = await run;
    expect(mill.health()).toMatchObject({ ready: false, healthy: true });
    expect(mill.progress().nodes).toEqual(report.nodes);
  });

  it('after a failed start, too', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    broker.connect = () => Promise.reject(new Error('no way'));
    const mill = new WaterMill({ process: copy, broker });
    expect(await rejection(mill.run())).toMatchObject({ code: 'WM_BROKER_FAILED' });
    expect(mill.health()).toEqual({ ready: false, healthy: false, lanes: [] });
    expect(figures(mill)).toMatchObject({ calls: 0, nodes: [nothing] });
    await mill.stop();
    await mill.stop();
  });

  it('run() called twice: the second is refused, the first continues', async () => {
    const mill = new WaterMill({ process: copy, broker: new ScriptedBroker([[Order, orders(1, 2)]]) });
    const [first, second] = await Promise.allSettled([mill.run(), mill.run()]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { calls: 2 } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'WM_RUN_TWICE' } });
  });

  it('stop() before run(), twice, and after the end', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 2)]]);
    const mill = new WaterMill({ process: copy, broker });
    await Promise.all([mill.stop(), mill.stop()]);
    expect(await mill.run()).toMatchObject({ ended: 'stopped', calls: 0 });
    await mill.stop();
    expect(broker.open).toBe(0);
  });

  it('a failed run that only stop() waits for is one rejection, of run()', async () => {
    const failing = processFunction(Order, { emits: [Sale] }, () => {
      throw new Error('no');
    });
    const mill = new WaterMill({ process: failing, broker: new ScriptedBroker([[Order, orders(1)]]) });
    const run = mill.run();
    const stopped = mill.stop();
    await Promise.allSettled([run, stopped, mill[Symbol.asyncDispose]()]);
    await expect(stopped).resolves.toBeUndefined();
  });

  it('a signal that was aborted before, and one that is aborted after the end', async () => {
    const early = new WaterMill({
      process: copy,
      broker: new ScriptedBroker([[Order, orders(1)]]),
      signal: AbortSignal.abort(),
    });
    expect(await early.run()).toMatchObject({ ended: 'stopped', calls: 0 });
    const late = new AbortController();
    const mill = new WaterMill({
      process: copy,
      broker: new ScriptedBroker([[Order, orders(1)]]),
      signal: late.signal,
    });
    expect(await mill.run()).toMatchObject({ calls: 1 });
    late.abort();
    expect(mill.health()).toMatchObject({ healthy: true });
  });
});

it('a mill runs in a worker thread', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { Field, MemoryMessageBroker, Message, processFunction, WaterMill } = require(workerData);
    class Item {}
    Field(() => Number)(Item.prototype, 'id');
    Message()(Item);
    const broker = new MemoryMessageBroker([[Item, [{ id: 1 }, { id: 2 }]]]);
    new WaterMill({ process: processFunction(Item, {}, () => {}), broker }).run().then(
      (report) => parentPort.postMessage(report.calls),
      (error) => parentPort.postMessage(String(error)),
    );`;
  const worker = new Worker(program, { eval: true, workerData: require.resolve('../../dist/index.js') });
  const said = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  expect(await said).toBe(2);
  await worker.terminate();
});
