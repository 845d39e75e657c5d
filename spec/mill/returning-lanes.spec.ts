import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DataKey, field, Origin, processFunction, table, WaterMill } from 'watermill';
import { LaneClaim } from '../../lib/brokers/partitions/lane-claim.js';
import { type MillView, viewOf } from '../../lib/mill/report/mill-view.js';
import { settled, until } from '../support/virtual-clock.js';
import { Order, orders, Price, prices, range, sell } from './support/model.js';
import { ReturningLanes } from './support/returning-lanes.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';
import type { BrokerLane } from './support/seam.js';

const view = (mill: WaterMill<any>): MillView => viewOf(mill) as MillView;

describe('a lane that is taken away and returns', () => {
  it('is one lane: its counts continue, and its progress is the current one', async () => {
    const [first, second] = [new ScriptedStream(orders(1, 2, 3, 4), true), new ScriptedStream(prices(1, 2), true)];
    const broker = new ReturningLanes([
      [Order, first],
      [Price, second],
    ]);
    const mill = new WaterMill({ process: sell, broker });
    const running = mill.run();
    await until(() => mill.progress().calls === 1);
    expect(mill.progress().nodes[1]).toMatchObject({ read: 2, fraction: 1 });
    second.push(...prices(2, 3, 4), ...prices(...range(5, 20)));
    broker.takeAway();
    await until(() => mill.progress().calls === 4);
    broker.takeAway();
    await until(() => broker.times === 3);
    expect(mill.health().lanes).toEqual([expect.objectContaining({ lane: '0', ended: undefined })]);
    expect(view(mill).lanes()).toHaveLength(1);
    await until(() => mill.progress().waiting.length === 1);
    const [order] = mill.progress().nodes;
    expect(order).toMatchObject({ position: 4, fraction: 1, matched: 4 });
    broker.takeAway(true);
    const report = await running;
    expect([report.ended, report.calls, report.emitted[0]?.count]).toEqual(['revoked', 4, 5]);
    expect(mill.health().lanes).toEqual([{ lane: '0', healthy: true, ended: 'revoked', waiting: undefined }]);
  });

  it('leaves no elements behind', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const [first, second] = [new ScriptedStream(orders(9), true), new ScriptedStream([], true)];
    const broker = new ReturningLanes([
      [Order, first],
      [Price, second],
    ]);
    const mill = new WaterMill({ process: sell, broker });
    const running = mill.run();
    const held: WeakRef<object>[] = [];
    second.push(...range(100).map((amount) => ({ time: 9, amount })));
    for (let times = 1; times <= 3; times++) {
      await until(() => broker.times === times && mill.progress().held[1]?.elements === 100);
      const { last } = view(mill).lanes()[0]?.nodes[1] ?? {};
      held.push(new WeakRef(last as object));
      broker.takeAway();
    }
    await until(() => broker.times === 4);
    await settled();
    collect();
    expect(held.slice(0, 2).map((each) => each.deref())).toEqual([undefined, undefined]);
    broker.takeAway(true);
    await running;
  });

  it('has no open calls where it was taken away', async () => {
    const stream = new ScriptedStream(orders(1, 2), true);
    const broker = new ReturningLanes([[Order, stream]]);
    const process = processFunction(Order, { inject: [DataKey] }, () => {});
    const mill = new WaterMill({ process, broker });
    const running = mill.run();
    await until(() => mill.progress().openCalls === 2);
    broker.takeAway(true);
    await running;
    expect(mill.progress()).toMatchObject({ calls: 2, openCalls: 0 });
  });

  it('shows no rows of before, also if it failed while it was taken away', async () => {
    class Last extends table(Order, { key: field(Order, 'id') }) {}
    const stream = new ScriptedStream(orders(1, 2, 3), true);
    const broker = new ReturningLanes([[Order, stream]], { remembers: false });
    const process = processFunction(Order, { inject: [Last] }, (order, last) => {
      if (order.time === 3 && broker.times === 1) throw new Error('not now');
      last.put({ ...order, time: order.time + broker.times * 100 });
    });
    const mill = new WaterMill({ process, broker, onLaneFailure: 'goOn' });
    broker.onCall = (call) => {
      if (call === 'reader.close' && broker.times === 1) broker.takeAway();
    };
    const running = mill.run();
    await until(() => mill.table(Last).get('o2') !== undefined);
    expect([...mill.table(Last).range()].map(({ time }) => time)).toEqual([201, 202, 203]);
    await mill.stop();
    await running;
  });

  it('does not count for the progress while another process has it', async () => {
    const stream = new ScriptedStream(orders(1, 2, 3, 4), true);
    const broker = new ScriptedBroker([[Order, stream]], { lanes: ['a', 'b'], isAsync: true });
    const connect = broker.connect.bind(broker);
    const claim = new LaneClaim();
    broker.connect = async (request) => {
      const connection = await connect(request);
      const lanes = [...(connection.lanes() as Iterable<BrokerLane>)];
      const revoked = (lane: BrokerLane) => (lane.name === 'b' ? { ...lane, revoked: claim.revoked } : lane);
      return { ...connection, lanes: () => lanes.map(revoked) };
    };
    const process = processFunction(Order, { inject: [Origin] }, async ({ time }, { partition }) => {
      if (partition === 'b' && time === 1) claim.revoke();
    });
    const mill = new WaterMill({ process, broker });
    const running = mill.run();
    await until(() => mill.progress().calls === 5 && mill.progress().waiting.length === 1);
    expect(mill.progress()).toMatchObject({ nodes: [{ read: 5, fraction: 1 }] });
    stream.end();
    await running;
  });
});
