import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  BadMessage,
  EndOfStream,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { Order, orders, Price, prices, range, Sale } from './support/model.js';

const many = range(200);
const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
const nested = joinStreams(
  Order,
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), within: [0, 0] }),
);

/** The ways in which the process function ends a run early. */
type End = 'stop' | 'abort' | 'EndOfStream';

/** Returns a mill over 200 orders and prices that ends in its third call, and its report. */
async function ended(what: 'single' | 'flat' | 'within', end: End) {
  const abort = new AbortController();
  let calls = 0;
  const third = (): unknown => {
    if (++calls < 3) return undefined;
    if (end === 'stop') void mill.stop();
    if (end === 'abort') abort.abort();
    return end === 'EndOfStream' ? new EndOfStream() : undefined;
  };
  const sale = () => message(Sale, { id: 'a', amount: 1 });
  const process =
    what === 'single'
      ? processFunction(Order, { emits: [Sale] }, () => [sale(), third()] as never)
      : processFunction(what === 'flat' ? tree : nested, { emits: [Sale] }, () => [sale(), third()] as never);
  const broker = new MemoryMessageBroker([
    [Order, orders(...many)],
    [Price, prices(...many)],
  ]);
  const mill: WaterMill = new WaterMill({ process, broker, signal: abort.signal });
  return { report: await mill.run(), mill, broker };
}

describe.each(['stop', 'abort', 'EndOfStream'] as const)('a run that %s ends in its third call', (end) => {
  it.each(['single', 'flat', 'within'] as const)('counts what three calls covered: %s', async (what) => {
    const { report, mill, broker } = await ended(what, end);
    expect(report).toMatchObject({ calls: 3, ended: end === 'EndOfStream' ? 'process' : 'stopped' });
    expect(report.emitted).toMatchObject([{ name: 'Sale', count: 3 }]);
    expect(broker.written(Sale)).toHaveLength(3);
    for (const { read, matched, passedOver, position, late, bad } of report.nodes) {
      expect({ read, matched, passedOver, position, late, bad }).toEqual({
        read: 3,
        matched: 3,
        passedOver: 0,
        position: 3,
        late: 0,
        bad: 0,
      });
    }
    expect(mill.progress()).toMatchObject({ calls: 3, nodes: report.nodes });
  });
});

it('elements of a failed call are counted by progress()', async () => {
  let calls = 0;
  const process = processFunction(tree, { emits: [Sale] }, () => {
    if (++calls === 3) throw new Error('no');
    return message(Sale, { id: 'a', amount: 1 });
  });
  const broker = new MemoryMessageBroker([
    [Order, orders(...many)],
    [Price, prices(...many)],
  ]);
  const mill = new WaterMill({ process, broker });
  await expect(mill.run()).rejects.toMatchObject({ code: 'WM_PROCESS_FAILED' });
  expect(mill.progress()).toMatchObject({ calls: 3, nodes: [{ read: 3 }, { read: 3 }] });
  expect(broker.written(Sale)).toHaveLength(2);
});

it('progress() within a call covers the calls up to it', async () => {
  const seen: number[][] = [];
  const process = processFunction(tree, {}, () => {
    const { calls, nodes } = mill.progress();
    seen.push([calls, ...nodes.map(({ matched }) => matched)]);
  });
  const broker = new MemoryMessageBroker([
    [Order, orders(...range(70))],
    [Price, prices(...range(70))],
  ]);
  const mill: WaterMill = new WaterMill({ process, broker });
  await mill.run();
  expect(seen).toEqual(range(70).map((i) => [i + 1, i + 1, i + 1]));
});

it('elements of windows count after their window was called; those between windows are passed over', async () => {
  let calls = 0;
  const windows = tumblingWindow(Order, field(Order, 'time'), { size: 10 });
  const process = processFunction(windows, {}, () => {
    if (++calls === 3) void mill.stop();
  });
  const broker = new MemoryMessageBroker([[Order, orders(...many)]]);
  const mill: WaterMill = new WaterMill({ process, broker });
  const report = await mill.run();
  // The window is called after the next element has arrived.
  expect(report.nodes).toMatchObject([{ matched: 30, passedOver: 0 }]);
  expect([30, 31]).toContain(report.nodes[0]?.read);
});

it('nothing is left open if the process function ends the stream: elements of open windows are passed over', async () => {
  let calls = 0;
  const windows = tumblingWindow(Order, field(Order, 'time'), { size: 10 });
  const process = processFunction(windows, {}, () => (++calls === 3 ? new EndOfStream() : undefined));
  const mill = new WaterMill({ process, broker: new MemoryMessageBroker([[Order, orders(...many)]]) });
  const report = await mill.run();
  expect(report).toMatchObject({ ended: 'process', calls: 3 });
  const { read, matched, passedOver } = report.nodes[0]!;
  expect({ matched, passedOver }).toEqual({ matched: 30, passedOver: read - 30 });
});

it('elements that a join still holds are passed over if the process function ends the stream', async () => {
  const process = processFunction(nested, {}, () => new EndOfStream());
  const broker = new MemoryMessageBroker([
    [Order, orders(2, 2)],
    [Price, prices(1, 2, 3)],
  ]);
  const report = await new WaterMill({ process, broker }).run();
  const price = report.nodes[1]!;
  expect({ ended: report.ended, calls: report.calls }).toEqual({ ended: 'process', calls: 1 });
  expect(price).toMatchObject({ matched: 1, passedOver: price.read - 1 });
});

it('bad messages count once they are passed', async () => {
  const values = many.map((time) => (time % 2 === 0 ? { time, id: 'a' } : { time: 'x' }));
  let calls = 0;
  const process = processFunction(Order, { emits: [BadMessage] }, () => {
    if (++calls === 3) void mill.stop();
  });
  const broker = new MemoryMessageBroker([[Order, values as never]]);
  const mill: WaterMill = new WaterMill({
    process,
    broker,
    inputs: [[Order, { onBadMessage: { deadLetter: BadMessage } }]],
  });
  const report = await mill.run();
  expect(report.nodes).toMatchObject([{ read: 3, matched: 3, bad: 2 }]);
  // The third comes before the next order, which was not needed.
  expect(broker.written(BadMessage)).toHaveLength(2);
});

describe('results of a stopped run over files', () => {
  let folder: TemporaryDirectory;
  beforeEach(() => {
    folder = temporaryDirectory();
    writeFileSync(
      folder.file('in.ndjson'),
      orders(...many)
        .map((order) => `${JSON.stringify(order)}\n`)
        .join(''),
    );
  });
  afterEach(() => folder.remove());

  const copy = (until: number, mills: WaterMill[]) => {
    let calls = 0;
    return processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
      if (++calls === until) void mills[0]?.stop();
      return message(Sale, { id, amount: time });
    });
  };
  const mill = (until: number, group?: string): WaterMill => {
    const mills: WaterMill[] = [];
    const broker = new JsonFileMessageBroker(
      [
        [Order, folder.file('in.ndjson')],
        [Sale, folder.file('r.ndjson')],
      ],
      group === undefined ? {} : { group },
    );
    mills.push(new WaterMill({ process: copy(until, mills), broker }));
    return mills[0] as WaterMill;
  };

  it.each([undefined, 'g'])('lie where the report says (group %p)', async (group) => {
    const report = await mill(3, group).run();
    expect(report).toMatchObject({ ended: 'stopped', calls: 3 });
    const partial = report.partialResults as string;
    expect(partial).toBe(folder.file(group === undefined ? 'r.ndjson.partial' : 'r.ndjson.g.partial'));
    expect(readFileSync(partial, 'utf8').trim().split('\n')).toHaveLength(3);
    expect(existsSync(folder.file('r.ndjson'))).toBe(false);
    const text = String(report);
    expect(text).not.toMatch(/wrote 3 Sale to \S*r\.ndjson\n/);
    expect(text).toContain(`wrote 3 Sale for ${folder.file('r.ndjson')}, which is not final`);
    expect(text).toContain(`results so far are in ${partial}`);
  });

  it('a stop in the very last call is a stop: the next run finalizes the results', async () => {
    const report = await mill(200, 'g').run();
    if (report.ended === 'stopped') await mill(0, 'g').run();
    expect(readFileSync(folder.file('r.ndjson'), 'utf8').trim().split('\n')).toHaveLength(200);
    expect(existsSync(folder.file('r.ndjson.g.partial'))).toBe(false);
  });

  it('a stop in the last call of a join is a stop, too', async () => {
    writeFileSync(folder.file('in.json'), JSON.stringify(orders(...range(3))));
    writeFileSync(folder.file('prices.json'), JSON.stringify(prices(...range(3))));
    const run = (until: number) => {
      let calls = 0;
      const process = processFunction(tree, { emits: [Sale] }, ({ id, time }) => {
        if (++calls === until) void made.stop();
        return message(Sale, { id, amount: time });
      });
      const broker = new JsonFileMessageBroker(
        [
          [Order, folder.file('in.json')],
          [Price, folder.file('prices.json')],
          [Sale, folder.file('r.json')],
        ],
        { group: 'g' },
      );
      const made: WaterMill = new WaterMill({ process, broker });
      return made.run();
    };
    expect((await run(3)).ended).toBe('stopped');
    const { ended, calls } = await run(0);
    expect({ ended, calls }).toEqual({ ended: 'master ended', calls: 0 });
    expect(JSON.parse(readFileSync(folder.file('r.json'), 'utf8'))).toHaveLength(3);
  });
});
