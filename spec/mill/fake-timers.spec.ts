import { readFileSync, writeFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import {
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';

@Message()
class Tick {
  @Field() t!: number;
}

@Message()
class Tock {
  @Field() t!: number;
}

const ticks = Array.from({ length: 200 }, (_, t) => ({ t }));
/** The calls take so long in total that the mill yields to the event loop between them. */
const slowCopy = processFunction(Tick, { emits: [Tock] }, ({ t }) => {
  const until = process.uptime() + 0.0005;
  while (process.uptime() < until);
  return message(Tock, { t });
});

let folder: TemporaryDirectory;
beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => {
  jest.useRealTimers();
  folder.remove();
});

const kinds = [
  ['modern', {}],
  ['modern, advancing by themselves', { advanceTimers: true }],
  ['legacy', { legacyFakeTimers: true }],
] as const;

describe.each(kinds)("under jest's fake timers (%s)", (_, options) => {
  it('a mill over memory ends, even if its calls take long', async () => {
    jest.useFakeTimers(options);
    const broker = new MemoryMessageBroker([[Tick, ticks]]);
    const report = await new WaterMill({ process: slowCopy, broker }).run();
    expect(report).toMatchObject({ ended: 'master ended', calls: 200 });
    expect(broker.written(Tock)).toHaveLength(200);
  });

  it('a mill over files with a group ends', async () => {
    const { file } = folder;
    writeFileSync(file('ticks.json'), JSON.stringify(ticks));
    jest.useFakeTimers(options);
    const broker = new JsonFileMessageBroker(
      [
        [Tick, file('ticks.json')],
        [Tock, file('tocks.json')],
      ],
      { group: 'fake-timers' },
    );
    await new WaterMill({ process: slowCopy, broker }).run();
    expect(JSON.parse(readFileSync(file('tocks.json'), 'utf8'))).toEqual(ticks);
  });

  it('Dates of a class made under them and before are read, compared and written as usual', async () => {
    const before = datedClass();
    jest.useFakeTimers(options);
    for (const Dated of [before, datedClass()]) {
      const at = new Date('2026-03-01T12:00:00.000Z');
      const texts = { at: at.toISOString(), others: ['2026-03-02T00:00:00.000Z'] };
      class Other extends Dated {}
      Message()(Other);
      const left = new MemoryMessageBroker([
        [Dated, [texts as any, message(Dated, { at, others: [] })]],
        [Other, [message(Other, { at, others: [at] })]],
      ]);
      const tree = joinStreams(Dated, joinWith(Other, { left: field(Dated, 'at'), right: field(Other, 'at') }));
      const found: Date[] = [];
      const process = processFunction(tree, { emits: [Dated] }, (dated, others) => {
        found.push(dated.at, ...others.of(dated).map((other) => other.at));
        return dated;
      });
      const outputBroker = new JsonFileMessageBroker([[Dated, folder.file('out.ndjson')]]);
      await new WaterMill({ process, broker: left, outputBroker }).run();
      expect(found.map(Number)).toEqual([at, at, at, at].map(Number));
      expect(found.every((date) => date instanceof Date)).toBe(true);
      expect(readFileSync(folder.file('out.ndjson'), 'utf8')).toBe(
        `${JSON.stringify(texts)}\n${JSON.stringify({ ...texts, others: [] })}\n`,
      );
    }
  });
});

describe('a Date class that replaces Date', () => {
  const real = Date;
  afterEach(() => {
    globalThis.Date = real;
  });

  it('is recognized if a test wrote it by hand', async () => {
    globalThis.Date = class extends real {} as DateConstructor;
    const Dated = datedClass();
    expect(message(Dated, { at: new Date(5), others: [] }).at.getTime()).toBe(5);
    const broker = new MemoryMessageBroker([[Dated, [{ at: 5, others: [] } as any]]]);
    const found: Date[] = [];
    await new WaterMill({ process: processFunction(Dated, {}, ({ at }) => void found.push(at)), broker }).run();
    expect(found).toEqual([new real(5)]);
  });

  it('is not recognized if it merely extends Date', () => {
    class Special extends Date {}
    class Holder {
      at!: Special;
    }
    Field(() => Special)(Holder.prototype, 'at');
    Message()(Holder);
    const process = processFunction(Holder, {}, () => {});
    const broker = new MemoryMessageBroker([[Holder, []]]);
    expect(() => new WaterMill({ process, broker })).toThrow(
      expect.objectContaining({ code: 'WM_NOT_A_MESSAGE_CLASS' }),
    );
  });
});

it('leaves the Dates of another realm Dates', async () => {
  const Dated = datedClass();
  const at: Date = runInNewContext('new Date(7)');
  expect(at instanceof Date).toBe(false);
  const broker = new MemoryMessageBroker([[Dated, [{ at, others: [at] }, { at: 7, others: [] } as any]]]);
  const written = new MemoryMessageBroker([]);
  const process = processFunction(Dated, { emits: [Dated] }, (dated) => dated);
  await new WaterMill({ process, broker, outputBroker: written }).run();
  expect(written.written(Dated).map((dated) => dated.at.getTime())).toEqual([7, 7]);
});

/** A class with Date fields, which may be created under fake timers. */
function datedClass() {
  @Message()
  class Dated {
    @Field() at!: Date;
    @Field(() => [Date]) others!: Date[];
  }
  return Dated;
}
