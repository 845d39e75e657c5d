import { alias, CustomMessageBroker, MemoryMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { Alarm, Order, orders, Price, prices, range, Sale, sell, tree } from '../../mill/support/model.js';
import { rejection } from '../../mill/support/rejection.js';
import { ScriptedBroker } from '../../mill/support/scripted-broker.js';
import type { Broker, BrokerAbilities } from '../../mill/support/seam.js';
import { brokerOf } from '../../plan/model.js';
import { refusal } from '../../support/refusal.js';

const both = processFunction(tree, { emits: [Sale, Alarm] }, () => undefined);

const named = (
  name: string,
  entries: Parameters<typeof brokerOf>[0],
  abilities: Partial<BrokerAbilities> = {},
): Broker => ({
  ...brokerOf(entries, abilities),
  name,
});
const leader = named('Leader', [
  [Order, 'orders'],
  [Sale, 'sales'],
]);

describe('the brokers of a mill', () => {
  const make = (broker: unknown, outputBroker?: Broker) =>
    new WaterMill({ process: both, broker: broker as Broker, outputBroker });

  it('own the classes that they have entries for; explain() lists them, and the leader', () => {
    const files = named('Files', [
      [Price, 'prices'],
      [Alarm, 'alarms'],
    ]);
    const text = make([files, leader]).explain();
    expect(text).toContain('Order, the master: orders, on Leader, which leads: it keeps the progress\n');
    expect(text).toContain('Price: prices, on Files, read whole by each lane\n');
    expect(text).toContain('  Sale: sales, on Leader\n  Alarm: alarms, on Files\n');
    expect(make([files, leader]).explain({ format: 'mermaid' })).toContain('Alarm: alarms, on Files');
  });

  it('are listed by explain() with the delivery of results, if progress is kept', () => {
    const keeps = named('Keeps', [[Order, 'orders']], { remembers: true });
    const files = named(
      'Files',
      [
        [Price, 'prices'],
        [Sale, 'sales'],
      ],
      { rollsBack: true },
    );
    const text = make([keeps, files, named('Sinks', [[Alarm, 'alarms']])]).explain();
    expect(text).toContain('Sale: sales, on Files, rolled back to the last commit after a crash\n');
    expect(text).toContain('Alarm: alarms, on Sinks, at least once\n');
  });

  it('are not listed if everything is on one of them', () => {
    const one = named('One', [
      [Order, 'orders'],
      [Price, 'prices'],
      [Sale, 'sales'],
      [Alarm, 'alarms'],
    ]);
    expect(make([named('Unused', []), one]).explain()).toBe(make(one).explain());
    expect(make(one).explain()).not.toContain('One');
  });

  it('must not share a class', () => {
    const files = named('Files', [
      [Price, 'prices'],
      [Sale, 'other sales'],
      [Alarm, 'alarms'],
    ]);
    expect(refusal(() => make([leader, files]))).toMatchObject({
      code: 'WM_STREAM_AMBIGUOUS',
      message: expect.stringMatching(/^Sale, .*sales of Leader and other sales of Files/),
    });
    const twice = named('Twice', [[Order, 'more orders']]);
    expect(refusal(() => make([leader, twice]))).toMatchObject({
      code: 'WM_STREAM_AMBIGUOUS',
      message: expect.stringMatching(/^Order, the master,/),
    });
  });

  it('must have every class', () => {
    expect(refusal(() => make([leader, named('Files', [[Alarm, 'alarms']])]))).toMatchObject({
      code: 'WM_STREAM_MISSING',
      message: expect.stringMatching(/^None of Leader and Files has an entry for Price, a node of the join tree/),
    });
    expect(refusal(() => make([leader, named('Files', [[Price, 'prices']])]))).toMatchObject({
      code: 'WM_STREAM_MISSING',
      message: expect.stringMatching(/^None of Leader and Files has an entry for Alarm, which/),
    });
  });

  it('that only read are not suggested for results', () => {
    const reads = named('Reads', [[Price, 'prices']], { writes: false });
    expect(refusal(() => make([leader, reads])).message).toMatch(/^Leader has no entry for Alarm, which .* to it\.$/);
    const all = named(
      'Reads',
      [
        [Order, 'orders'],
        [Price, 'prices'],
      ],
      { writes: false },
    );
    expect(refusal(() => make(all)).message).toMatch(
      /^Reads only reads, and the mill writes Sale, which .*outputBroker/,
    );
  });

  it('leave a class without an entry to the leader, if that accepts any, and to no other', () => {
    const prices = named('Files', [[Price, 'prices']]);
    const takesAny = named('Leader', [[Order, 'orders']], { writesAnyClass: true });
    expect(make([prices, takesAny]).explain()).toContain('Sale: Sale, on Leader\n  Alarm: Alarm, on Leader\n');
    const others = named('Files', [[Price, 'prices']], { writesAnyClass: true });
    expect(refusal(() => make([leader, others]))).toMatchObject({ code: 'WM_STREAM_MISSING' });
  });

  it('leave all results to an outputBroker, whatever entries they have', () => {
    const files = named('Files', [[Price, 'prices']]);
    const out = named('Out', [[Sale, 'out/sales']], { writesAnyClass: true });
    const text = make([files, leader], out).explain();
    expect(text).toContain('Sale: out/sales, on Out\n  Alarm: Alarm, on Out\n');
  });

  it.each([
    [[], /broker: expected a broker or several, found an empty array/],
    [[leader, 'out.json'], /broker\[1\]: expected a broker, found .*out\.json/],
    [[leader, leader], /broker\[1\]: this Leader is in the list already, as broker\[0\]/],
  ])('are brokers, each once: %#', (brokers, sentence) => {
    expect(refusal(() => make(brokers))).toMatchObject({
      code: 'WM_MILL_OPTIONS',
      message: expect.stringMatching(sentence),
    });
  });

  it('do not write a stream that one of them reads, under any class', () => {
    const files = named('Files', [
      [Price, 'prices'],
      [Alarm, 'orders'],
    ]);
    expect(refusal(() => make([leader, files]))).toMatchObject({ code: 'WM_STREAM_SHARED' });
  });
});

describe('exactly once over several brokers', () => {
  const transactional = named(
    'Exact',
    [
      [Order, 'orders'],
      [Price, 'prices'],
      [Sale, 'sales'],
    ],
    { transactions: true },
  );
  const beside = (broker: Broker) => new WaterMill({ process: both, broker: [transactional, broker] });
  const make = (abilities: Partial<BrokerAbilities>) => beside(named('Other', [[Alarm, 'alarms']], abilities));

  it('requires that results elsewhere can be rolled back', () => {
    expect(make({ rollsBack: true }).explain()).toContain('Alarm: alarms, on Other');
    expect(refusal(() => make({}))).toMatchObject({
      code: 'WM_GUARANTEE',
      message: expect.stringMatching(/Alarm, .*goes to Other, which can neither take part .* nor take results back/),
    });
  });

  it('is possible with batch sinks with progress, and with no other sinks', () => {
    const [write, progress] = [() => {}, 'progress'];
    const custom = (options: object) => beside(new CustomMessageBroker({ sinks: [[Alarm, { write }]], ...options }));
    expect(custom({ progress }).explain()).toContain('CustomMessageBroker');
    const functions = [
      [[Alarm, write]],
      [
        [Alarm, { write }],
        [class extends alias(Alarm, 'Other') {}, write],
      ],
    ];
    for (const options of [{}, ...functions.map((sinks) => ({ progress, sinks }))])
      expect(refusal(() => custom(options))).toMatchObject({ code: 'WM_GUARANTEE' });
  });
});

describe('an input of a broker that does not lead', () => {
  const lanes = ['0', '1', '2'];
  const values = orders(1, 2, 3);
  const run = (files: Broker) => {
    const broker = new ScriptedBroker([[Order, values]], { lanes });
    return { broker, run: new WaterMill({ process: sell, broker: [files, broker] }).run() };
  };

  it('is read completely by each lane of the leader', async () => {
    const { broker, run: running } = run(new MemoryMessageBroker([[Price, prices(1, 3)]]));
    const report = await running;
    for (const lane of lanes) {
      expect(broker.written(Sale, lane)).toEqual(
        [10, 30].map((amount, i) => message(Sale, { id: `o${i * 2}`, amount })),
      );
    }
    expect(report.toString()).toContain('Price');
  });

  it('must be rereadable if the leader has several lanes', async () => {
    const once = new ScriptedBroker([[Price, prices(1, 3)]], { rereads: false, name: 'Once' });
    const { broker, run: running } = run(once);
    expect(await rejection(running)).toMatchObject({
      code: 'WM_BROKER_CANNOT_FOLLOW',
      message: expect.stringMatching(/^Price cannot be read from Once .*ScriptedBroker has 3 lanes/),
      details: { message: 'Price', broker: 'Once' },
    });
    expect({ leader: broker.open, other: once.open }).toEqual({ leader: 0, other: 0 });
  });

  it('may be read only once if the leader has one lane', async () => {
    const once = new ScriptedBroker([[Price, prices(1, 3)]], { rereads: false, name: 'Once' });
    const broker = new ScriptedBroker([[Order, values]], { lanes: ['0'] });
    await new WaterMill({ process: sell, broker: [once, broker] }).run();
    expect(broker.written(Sale)).toHaveLength(2);
  });

  it('is read from its mark after a restart, not from its beginning', async () => {
    const count = 60;
    const other = new ScriptedBroker([[Price, prices(...range(count))]], { batchSize: 2, name: 'Other' });
    const broker = new ScriptedBroker([[Order, orders(...range(count))]], { batchSize: 2 });
    let calls = 0;
    const stopping = processFunction(tree, { emits: [Sale] }, () => {
      if (++calls === 50) void first.stop();
    });
    const first: WaterMill = new WaterMill({ process: stopping, broker: [broker, other] });
    expect(await first.run()).toMatchObject({ ended: 'stopped' });
    other.calls.length = 0;
    await new WaterMill({ process: stopping, broker: [broker, other] }).run();
    expect(calls).toBe(count);
    expect(other.calls.filter((call) => call === 'read').length).toBeLessThan(count / 4);
  });

  it('has one lane', async () => {
    const parts = new ScriptedBroker([[Price, prices(1, 3)]], { lanes, name: 'Parts' });
    const broker = new ScriptedBroker([[Order, values]], {});
    expect(await rejection(new WaterMill({ process: sell, broker: [broker, parts] }).run())).toMatchObject({
      code: 'WM_BROKER_CANNOT_FOLLOW',
      message: expect.stringMatching(/has 3 lanes there, and ScriptedBroker leads/),
    });
    expect({ leader: broker.open, other: parts.open }).toEqual({ leader: 0, other: 0 });
  });
});

describe('a commit over several brokers', () => {
  it("is the leader's; the others are then notified of the marks to read from, to the element", async () => {
    const leads = new ScriptedBroker([[Order, orders(1, 2, 3, 4, 5)]], { batchSize: 2 });
    const other = new ScriptedBroker([[Price, prices(1, 2, 3, 4, 5)]], { batchSize: 2, name: 'Other' });
    const order: string[] = [];
    leads.onCall = (call) => order.push(`leader ${call}`);
    other.onCall = (call) => order.push(`other ${call}`);
    await new WaterMill({ process: sell, broker: [other, leads], commitEvery: { elements: 1 } }).run();
    const commits = order.filter((call) => call.endsWith('commit'));
    expect(commits.slice(0, 4)).toEqual(['leader commit', 'other commit', 'leader commit', 'other commit']);
    expect(leads.progress).toHaveLength(other.progress.length);
    for (const { positions, marks } of [...leads.progress, ...other.progress]) {
      expect(positions).toHaveLength(1);
      expect(marks).toHaveLength(1);
      // A scripted batch has only the mark of its beginning, at or before the position.
      const mark = (marks[0] as number | undefined) ?? 0;
      expect(mark).toBeLessThanOrEqual(positions[0] as number);
      expect(mark).toBeGreaterThan((positions[0] as number) - 3);
    }
    expect(other.progress.at(-1)).toMatchObject({ ended: true });
  });

  it('is not passed on if several lanes read: none of them knows what the others need', async () => {
    const leads = new ScriptedBroker([[Order, orders(1, 2, 3)]], { lanes: ['0', '1'] });
    const other = new ScriptedBroker([[Price, prices(1, 2, 3)]], { name: 'Other' });
    await new WaterMill({ process: sell, broker: [leads, other] }).run();
    expect(leads.progress.length).toBeGreaterThan(0);
    expect(other.progress).toEqual([]);
  });

  it('refuses the progress of a mill whose results were elsewhere: they would start in the middle', async () => {
    const named = (name: string, ...classes: (typeof Sale | typeof Alarm)[]) =>
      new ScriptedBroker(
        classes.map((each) => [each, []]),
        { name },
      );
    const leads = new ScriptedBroker([[Order, orders(1, 2, 3)]]);
    const reads = new ScriptedBroker([[Price, prices(1, 2, 3)]], { name: 'Reads' });
    const dying = processFunction(tree, { emits: [Sale, Alarm] }, ({ id, time }) => {
      if (time === 3) throw new Error('dies');
      return [message(Sale, { id, amount: time }), message(Alarm, { text: id })];
    });
    const run = (...others: ScriptedBroker[]) =>
      new WaterMill({ process: dying, broker: [leads, reads, ...others], commitEvery: { elements: 1 } }).run();
    const isMoved = (what: string) => ({
      code: 'WM_OUTPUT_CHANGED',
      message: expect.stringContaining(`The results ${what} would begin in the middle`),
    });
    // The leader has Sale.
    expect(await rejection(run(named('Sinks', Alarm)))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(leads.commits.size).toBe(1);
    expect(await rejection(run(named('Sinks', Sale, Alarm)))).toMatchObject(isMoved('Sale on Sinks'));
    expect(await rejection(run(named('Sinks', Sale)))).toMatchObject(isMoved('Alarm on ScriptedBroker'));
    expect(await rejection(run(named('Others', Alarm)))).toMatchObject(isMoved('Alarm on Others'));
    expect(await rejection(run())).toMatchObject(isMoved('Alarm on ScriptedBroker'));
    expect(await rejection(run(named('Sinks', Alarm)))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
  });

  it('continues with the same results in another order, and names new and missing ones', async () => {
    const leads = new ScriptedBroker([[Order, orders(1, 2, 3)]]);
    const sinks = new ScriptedBroker(
      [Price, Sale, Alarm].map((each) => [each, each === Price ? prices(1, 2, 3) : []]),
      { name: 'Sinks' },
    );
    const run = (...emits: [typeof Sale | typeof Alarm, ...(typeof Sale | typeof Alarm)[]]) => {
      const dying = processFunction(tree, { emits }, ({ time }) => {
        if (time === 3) throw new Error('dies');
      });
      return rejection(new WaterMill({ process: dying, broker: [leads, sinks], commitEvery: { elements: 1 } }).run());
    };
    expect(await run(Sale, Alarm)).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(await run(Alarm, Sale)).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(await run(Sale)).toMatchObject({
      code: 'WM_OUTPUT_CHANGED',
      message: expect.stringMatching(
        /^The progress that .* holds also has results Alarm on Sinks, which this mill does not write/,
      ),
    });
    leads.commits.clear();
    expect(await run(Alarm)).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(await run(Sale, Alarm)).toMatchObject({
      code: 'WM_OUTPUT_CHANGED',
      message: expect.stringMatching(
        /^The results Sale on Sinks would begin in the middle: .* of a mill without them there\. Give/,
      ),
    });
  });

  it('refuses the progress of results that were on one broker and are on several now', async () => {
    const leads = new ScriptedBroker([[Order, orders(1, 2)]]);
    const other = (...entries: (typeof Price | typeof Alarm)[]) =>
      new ScriptedBroker(
        entries.map((each) => [each, each === Price ? prices(1) : []]),
        { name: 'Other' },
      );
    const run = (second: ScriptedBroker) => new WaterMill({ process: both, broker: [leads, second] }).run();
    await run(other(Price));
    expect(await rejection(run(other(Price, Alarm)))).toMatchObject({ code: 'WM_OUTPUT_CHANGED' });
  });
});
