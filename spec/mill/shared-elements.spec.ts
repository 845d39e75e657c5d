import { writeFileSync } from 'node:fs';
import {
  alias,
  BadMessage,
  type Broker,
  CustomMessageBroker,
  Field,
  field,
  type Joined,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { rejection } from './support/rejection.js';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

@Message()
class Part {
  @Field() n!: number;
}

@Message()
class Event {
  @Field() t!: number;
  @Field(() => Object) free!: any;
  @Field() at!: Date;
  @Field() part!: Part;
}

@Message()
class Next extends alias(Event, 'Next') {}

const tree = joinStreams(Event, joinWith(Next, { left: field(Event, 't'), right: field(Next, 't') }));
const value = (t: number) => ({ t, free: { list: [t], at: null }, at: new Date(t), part: { n: t } });

describe('the nodes of a self-join have separate elements', () => {
  const ticks = [0, 1, 2];
  const given = ticks.map(value);
  const brokers: [name: string, make: () => Broker][] = [
    [
      'plain objects in memory, which stay as they are',
      () =>
        new MemoryMessageBroker([
          [Event, given],
          [Next, given],
        ]),
    ],
    [
      'elements in memory, read as another class',
      () => {
        const events = ticks.map((t) => message(Event, { ...value(t), part: message(Part, { n: t }) }));
        return new MemoryMessageBroker([
          [Event, events],
          [Next, events],
        ]);
      },
    ],
    [
      'a file',
      () => {
        const file = directory.file('events.ndjson');
        writeFileSync(file, ticks.map((t) => JSON.stringify(value(t))).join('\n'));
        return new JsonFileMessageBroker([
          [Event, file],
          [Next, file],
        ]);
      },
    ],
  ];

  it.each(brokers)('including nested values: %s', async (_, make) => {
    const seen: unknown[] = [];
    const process = processFunction(tree, {}, (event, next) => {
      event.free.list.push('spoilt');
      event.at.setTime(99);
      event.part.n = 99;
      const [there] = next.of(event) as [Next];
      seen.push([there.free.list, there.at.getTime(), there.part.n]);
    });
    await new WaterMill({ process, broker: make() }).run();
    expect(seen).toEqual(ticks.map((t) => [[t], t, t]));
    expect(given).toEqual(ticks.map(value));
  });
});

describe('a deserializer', () => {
  const ticks = [0, 1, 2, 3];
  const brokers: [name: string, given: any[], make: (given: any[], codec: object) => Broker][] = [
    [
      'memory',
      ticks.map(value),
      (given, codec) =>
        new MemoryMessageBroker([
          [Event, given, codec],
          [Next, given, codec],
        ]),
    ],
    [
      'a custom broker',
      ticks.map(value),
      (given, codec) =>
        new CustomMessageBroker({
          sources: [
            [Event, given, codec],
            [Next, given, codec],
          ],
        }),
    ],
    [
      'a file',
      ticks.map((t) => JSON.parse(JSON.stringify(value(t)))),
      (given, codec) => {
        const file = directory.file('events-of-a-deserializer.ndjson');
        writeFileSync(file, given.map((each) => JSON.stringify(each)).join('\n'));
        return new JsonFileMessageBroker([
          [Event, file, codec],
          [Next, file, codec],
        ] as any);
      },
    ],
  ];
  const dated = (given: any) => Object.assign(given, { at: new Date(given.at) });

  it.each(brokers)('may change the value, which is that of several nodes: %s', async (_, given, make) => {
    const before = structuredClone(given);
    const deserializer = (each: any) => {
      each.t += 1;
      each.free.list.push('more');
      return dated(each);
    };
    const seen: unknown[] = [];
    const process = processFunction(tree, {}, ({ t, free }, next) => {
      seen.push([t, free.list, ...[...next.values()].map(([there]) => there!.free.list)]);
    });
    await new WaterMill({ process, broker: make(given, { deserializer }) }).run();
    expect(seen).toEqual(ticks.map((t) => [t + 1, [t, 'more'], [t, 'more']]));
    expect(given).toEqual(before);
  });

  it.each(brokers)('may return one object for all messages, or parts of one: %s', async (_, given, make) => {
    const free = { list: ['shared'] };
    const element = message(Event, { t: 0, free, at: new Date(0), part: message(Part, { n: 0 }) });
    for (const one of [element, { ...element }]) {
      const deserializer = ({ t }: any) => Object.assign(one, { t });
      const seen: unknown[] = [];
      const process = processFunction(Event, {}, ({ t, free, at, part }) => {
        seen.push([t, free.list.length, at.getTime(), part.n]);
        free.list.push('spoilt');
        at.setTime(99);
        part.n = 99;
      });
      await new WaterMill({ process, broker: make(given, { deserializer }) }).run();
      expect(seen).toEqual(ticks.map((t) => [t, 1, 0, 0]));
    }
  });

  it('may return one element with scalar fields only', async () => {
    const one = message(Part, { n: 0 });
    const deserializer = (n: number) => Object.assign(one, { n });
    const broker = new MemoryMessageBroker([[Part, ticks as any, { deserializer }]]);
    const seen: number[] = [];
    await new WaterMill({ process: processFunction(Part, {}, ({ n }) => void seen.push(n)), broker }).run();
    expect(seen).toEqual(ticks);
  });

  it('may change the bytes: the dead letter has them as they came', async () => {
    const file = directory.file('encoded.ndjson');
    writeFileSync(file, 'abc\nxyz\n');
    const deserializer = (bytes: Uint8Array) => {
      const text = Buffer.from(bytes).toString();
      bytes.fill(0);
      if (text === 'abc') throw new Error('not an x');
      return { n: 1 };
    };
    const broker = new JsonFileMessageBroker([[Part, file, { deserializer, raw: true }]], { format: 'ndjson' });
    const letters = new MemoryMessageBroker([]);
    await new WaterMill({
      process: processFunction(Part, {}, () => {}),
      broker,
      outputBroker: letters,
      inputs: [[Part, { onBadMessage: { deadLetter: BadMessage } }]],
    }).run();
    expect(letters.written(BadMessage).map(({ raw }) => raw)).toEqual(['abc']);
  });
});

describe('values in memory keep the state in which they arrived', () => {
  it.each(['plain object', 'element'])('of a generator that gives one %s again and again, and pushed', async (kind) => {
    const one = kind === 'element' ? message(Part, { n: 0 }) : { n: 0 };
    const numbers = Array.from({ length: 2_000 }, (_, n) => n);
    const changed = (n: number) => Object.assign(one, { n });
    const generated = (function* () {
      for (const n of numbers) yield changed(n);
    })();
    const pushed = new MemoryMessageBroker([[Part]]);
    for (const n of numbers) pushed.push(Part, changed(n));
    pushed.end(Part);
    for (const broker of [new MemoryMessageBroker([[Part, generated]]), pushed]) {
      const seen: number[] = [];
      await new WaterMill({ process: processFunction(Part, {}, ({ n }) => void seen.push(n)), broker }).run();
      expect(seen).toEqual(numbers);
    }
  });
});

describe('with freeze: true', () => {
  const run = (fn: (event: Event, next: Joined<Event, Next>) => void, options: object = { freeze: true }) => {
    const values = [0, 0, 1].map(value);
    const broker = new MemoryMessageBroker([
      [Event, values],
      [Next, values],
    ]);
    return new WaterMill({ process: processFunction(tree, {}, fn), broker, ...options } as any).run();
  };

  const changes: [name: string, change: (event: any) => void][] = [
    ['a field', (event) => (event.t = 5)],
    ['a new member', (event) => (event.more = 5)],
    ['a member that is deleted', (event) => delete event.t],
    ['an array in free JSON', (event) => event.free.list.push(5)],
    ['an element inside it', (event) => (event.part.n = 5)],
    ['a Date', (event) => event.at.setUTCDate(5)],
  ];

  it.each(changes)('a call that changes an element fails, and the error explains it: %s', async (_, change) => {
    const error = await rejection(run((event) => void change(event)));
    expect(error.code).toBe('WM_PROCESS_FAILED');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.message).toContain('Calls share elements, and this mill freezes them (freeze: true)');
    await run((event) => void change(event), {});
  });

  it('also a joined element, one that was passed as an element, and in an async call', async () => {
    const joined = run((event, next) => {
      (next.first(event) as Next).t = 5;
    });
    expect(await rejection(joined)).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    const part = message(Part, { n: 1 });
    const process = processFunction(Part, {}, async (given) => {
      await Promise.resolve();
      given.n = 2;
    });
    const mill = new WaterMill({ process, broker: new MemoryMessageBroker([[Part, [part]]]), freeze: true });
    expect((await rejection(mill.run())).message).toContain('freeze: true');
    expect(Object.isFrozen(part)).toBe(true);
  });

  it('groups still belong to the call, Dates are still read, and other errors are unchanged', async () => {
    const times: number[] = [];
    await run((event, next) => {
      next.of(event).reverse().pop();
      next.clear();
      times.push(event.at.getTime());
    });
    expect(times).toEqual([0, 0, 1]);
    const error = await rejection(
      run(() => {
        throw new TypeError('something else');
      }),
    );
    expect(error.message).not.toContain('freeze');
  });

  it('is true or false', () => {
    expect(() => run(() => {}, { freeze: 'deep' })).toThrow('freeze: expected true or false');
  });
});

describe('a class error is not an element error: no policy skips it', () => {
  it.each([
    ['a getter', { a: 5 }, 'WM_FIELD_PLACE'],
    ['a member without @Field', { n: 1, a: 5 }, 'WM_FIELD_UNDECLARED'],
  ])('%s', async (name, given, code) => {
    class Getter {
      get a(): number {
        return 1;
      }
    }
    class Member {
      n!: number;
      a = 1;
    }
    const cls: any = name === 'a getter' ? Getter : Member;
    Field(() => Number)(cls.prototype, name === 'a getter' ? 'a' : 'n');
    Message()(cls);
    const file = directory.file('class.ndjson');
    writeFileSync(file, `${JSON.stringify(given)}\n`);
    let calls = 0;
    const mill = new WaterMill({
      process: processFunction(cls, {}, () => void calls++),
      broker: new JsonFileMessageBroker([[cls, file]]),
      inputs: [[cls, { onBadMessage: 'skip' }]],
    });
    expect(await rejection(mill.run())).toMatchObject({ code });
    expect(calls).toBe(0);
  });
});
