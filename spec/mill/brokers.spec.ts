import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  WaterMill,
  window,
} from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Next, Order, orders, Price, prices, range, Sale, sell } from './support/model.js';
import { rejection } from './support/rejection.js';
import type { Broker } from './support/seam.js';
import { watched } from './support/watched-broker.js';

const self = joinStreams(Order, joinWith(Next, { left: field(Order, 'time').plus(2), right: field(Next, 'time') }));
const pairs = (stopAt = -1, mill?: () => WaterMill) =>
  processFunction(self, { emits: [Sale] }, (here, next) => {
    if (here.time === stopAt) void mill?.().stop();
    return message(Sale, { id: `${here.id} ${next.first(here)!.id}`, amount: here.time });
  });

describe('a mill over memory', () => {
  it('reads, joins, writes and ends', async () => {
    const broker = new MemoryMessageBroker([
      [Order, orders(1, 2, 3)],
      [Price, prices(2, 2)],
    ]);
    await new WaterMill({ process: sell, broker }).run();
    expect(broker.written(Sale)).toEqual([
      message(Sale, { id: 'o1', amount: 20 }),
      message(Sale, { id: 'o1', amount: 20 }),
    ]);
    expect(broker.ended(Sale)).toBe(true);
  });

  it('continues after a stop with exactly the rest, and writes nothing more after its end', async () => {
    const values = orders(...range(5000));
    const broker = new MemoryMessageBroker([
      [Order, values],
      [Next, values],
    ]);
    const first: WaterMill = new WaterMill({ process: pairs(1234, () => first), broker });
    expect((await first.run()).ended).toBe('stopped');
    expect(broker.written(Sale)).toHaveLength(1235);
    expect(broker.ended(Sale)).toBe(false);
    const report = await new WaterMill({ process: pairs(), broker }).run();
    expect(report.calls).toBe(4998 - 1235);
    expect(broker.written(Sale).map(({ amount }) => amount)).toEqual(range(4998));
    expect(await new WaterMill({ process: pairs(), broker }).run()).toMatchObject({ ended: 'already ended', calls: 0 });
    expect(broker.written(Sale)).toHaveLength(4998);
  });

  it('joins pushed elements, with back-pressure, and ends windows by a data timeout', async () => {
    const clock = new VirtualClock();
    const broker = new MemoryMessageBroker([[Order]], { dataTimeoutMs: 1000 });
    const process = processFunction(window(Order, field(Order, 'time').floorDiv(10)), { emits: [Sale] }, (members) =>
      message(Sale, { id: 'window', amount: members.length }),
    );
    const run = new WaterMill({ process, broker, clock }).run();
    for (const order of orders(...range(5000))) await broker.push(Order, order);
    await settled();
    expect(broker.written(Sale)).toHaveLength(499);
    await clock.advance(1000);
    expect(await run).toMatchObject({ ended: 'timeout', because: 'Order' });
    expect(broker.written(Sale).map(({ amount }) => amount)).toEqual(range(500).map(() => 10));
  });

  it('runs several mills at once independently', async () => {
    const values = orders(...range(3000));
    const brokers = range(3).map(
      () =>
        new MemoryMessageBroker([
          [Order, values],
          [Next, values],
        ]),
    );
    await Promise.all(brokers.map((broker) => new WaterMill({ process: pairs(), broker }).run()));
    for (const broker of brokers) expect(broker.written(Sale)).toHaveLength(2998);
  });
});

/**
 * Runs with a crash at the k-th broker call, for every k, then once more on the same data. Returns the number of calls.
 */
async function crashEverywhere<B extends Broker>(
  make: () => B,
  run: (broker: B) => Promise<unknown>,
  check: (broker: B) => void,
) {
  for (let k = 1; ; k++) {
    const broker = make();
    let calls = 0;
    // A dead process holds no locks, so its closes are executed.
    const crashing = watched(broker, (call) => {
      if (call !== 'close' && ++calls >= k) throw new Error('crash');
    });
    const outcome = await run(crashing).then(
      () => 'done',
      () => 'crashed',
    );
    await run(broker);
    check(broker);
    if (outcome === 'done') return k;
  }
}

const often = { elements: 40 };

it('loses and doubles nothing by a crash at any call', async () => {
  const values = orders(...range(200));
  const crashes = await crashEverywhere(
    () =>
      new MemoryMessageBroker([
        [Order, values],
        [Next, values],
      ]),
    (broker) => new WaterMill({ process: pairs(), broker, commitEvery: often }).run(),
    (broker) => {
      expect(broker.written(Sale).map(({ amount }) => amount)).toEqual(range(198));
      expect(broker.ended(Sale)).toBe(true);
    },
  );
  expect(crashes).toBeGreaterThan(15);
});

describe('a mill over files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'watermill-'));
    writeFileSync(path.join(folder, 'in.json'), JSON.stringify(orders(...range(3000))));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const brokerOf = (output: string, group?: string) =>
    new JsonFileMessageBroker(
      [
        [Order, path.join(folder, 'in.json')],
        [Next, path.join(folder, 'in.json')],
        [Sale, path.join(folder, output)],
      ],
      group === undefined ? {} : { group },
    );
  const read = (output: string): string => readFileSync(path.join(folder, output), 'utf8');

  it('joins a file with itself', async () => {
    const report = await new WaterMill({ process: pairs(), broker: brokerOf('out.json') }).run();
    expect(report).toMatchObject({ calls: 2998, emitted: [{ count: 2998 }] });
    expect(JSON.parse(read('out.json')).map(({ amount }: Sale) => amount)).toEqual(range(2998));
    expect(readdirSync(folder).sort()).toEqual(['in.json', 'out.json']);
  });

  it('continues after stops with a group: the file is byte for byte that of an undisturbed run', async () => {
    await new WaterMill({ process: pairs(), broker: brokerOf('whole.json') }).run();
    let stops = 0;
    let report: Awaited<ReturnType<WaterMill['run']>>;
    do {
      const mill: WaterMill = new WaterMill({
        process: pairs((stops + 1) * 450, () => mill),
        broker: brokerOf('out.json', 'pairs'),
        commitEvery: { elements: 100 },
      });
      report = await mill.run();
      stops++;
    } while (report.ended === 'stopped');
    expect(stops).toBe(7);
    expect(read('out.json')).toBe(read('whole.json'));
    const again = await new WaterMill({ process: pairs(), broker: brokerOf('out.json', 'pairs') }).run();
    expect(again.ended).toBe('already ended');
    expect(read('out.json')).toBe(read('whole.json'));
  });

  it('loses and doubles nothing by a crash at any call', async () => {
    await new WaterMill({ process: pairs(), broker: brokerOf('whole.json') }).run();
    let outputs = 0;
    const crashes = await crashEverywhere(
      () => brokerOf(`out-${++outputs}.json`, 'pairs'),
      (broker) => new WaterMill({ process: pairs(), broker, commitEvery: { elements: 1500 } }).run(),
      () => expect(read(`out-${outputs}.json`) === read('whole.json')).toBe(true),
    );
    expect(crashes).toBeGreaterThan(15);
  });

  describe('after a plan change', () => {
    const tree = joinStreams(Order, joinWith(Next, { left: field(Order, 'time').plus(3), right: field(Next, 'time') }));
    const further = processFunction(tree, { emits: [Sale] }, (here, next) =>
      message(Sale, { id: `${here.id} further ${next.first(here)!.id}`, amount: here.time }),
    );
    const anew = (broker: Broker) =>
      new WaterMill({ process: further, broker, commitEvery: { elements: 1500 }, onPlanChange: 'restart' }).run();
    /** Runs the previous plan, up to this element or to its end. */
    const former = async (output: string, stopAt: number): Promise<void> => {
      const mill: WaterMill = new WaterMill({ process: pairs(stopAt, () => mill), broker: brokerOf(output, 'pairs') });
      await mill.run();
    };

    it.each([1000, -1])('starts over if allowed: the former one stopped at %d', async (stopAt) => {
      await former('out.json', stopAt);
      const refused = await rejection(new WaterMill({ process: further, broker: brokerOf('out.json', 'pairs') }).run());
      expect(refused).toMatchObject({ code: 'WM_PLAN_CHANGED' });
      expect(refused.message).toContain("onPlanChange: 'restart'");
      expect(await anew(brokerOf('out.json', 'pairs'))).toMatchObject({ ended: 'no further match', calls: 2997 });
      await new WaterMill({ process: further, broker: brokerOf('whole.json') }).run();
      expect(read('out.json')).toBe(read('whole.json'));
      expect(readdirSync(folder).sort()).toEqual(['in.json', 'out.json', 'out.json.pairs.progress.json', 'whole.json']);
    });

    it('loses and doubles nothing by a crash at any call', async () => {
      await new WaterMill({ process: further, broker: brokerOf('whole.json') }).run();
      for (let k = 1; ; k++) {
        const output = `out-${k}.json`;
        await former(output, 1000);
        let calls = 0;
        const crashing = watched(brokerOf(output, 'pairs'), (call) => {
          if (call !== 'close' && ++calls === k) throw new Error('crash');
        });
        const outcome = await anew(crashing).catch(() => 'crashed');
        await anew(brokerOf(output, 'pairs'));
        expect(read(output) === read('whole.json')).toBe(true);
        if (outcome !== 'crashed') break;
      }
    });
  });

  it('keeps the partial file of a failed run and names it; a later run completes it', async () => {
    const failing = processFunction(self, { emits: [Sale] }, (here) => {
      if (here.time === 1000) throw new Error('no stock');
      return message(Sale, { id: '', amount: here.time });
    });
    const error = await rejection(new WaterMill({ process: failing, broker: brokerOf('out.json', 'g') }).run());
    expect(error.message).toMatch(/The results so far are in .*out\.json\.g\.partial/);
    expect(readdirSync(folder)).not.toContain('out.json');
    expect(read('out.json.g.partial')).toContain('"amount":999');
    expect(read('out.json.g.partial')).not.toContain('"amount":1000');
    await new WaterMill({ process: pairs(), broker: brokerOf('out.json', 'g') }).run();
    expect(JSON.parse(read('out.json')).map(({ amount }: Sale) => amount)).toEqual(range(2998));
  });
});
