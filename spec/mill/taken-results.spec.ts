import { readFileSync } from 'node:fs';
import type { Broker } from 'watermill';
import * as watermill from 'watermill';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { range } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker } from './support/scripted-broker.js';

type Library = typeof watermill;

const directory = temporaryDirectory();
afterAll(() => directory.remove());

function withoutGeneratedCode(): Library {
  let library: Library | undefined;
  jest.isolateModules(() => {
    jest.doMock('../../lib/base/compile.js', () => ({ compile: () => undefined }));
    library = require('watermill');
  });
  jest.dontMock('../../lib/base/compile.js');
  return library as Library;
}

const libraries: [name: string, library: Library][] = [
  ['generated', watermill],
  ['interpreted', withoutGeneratedCode()],
];

const places = ['memory', 'a file', 'a broker that takes elements'] as const;

describe.each(libraries)('the results of a call are written as of its return, %s', (_, library) => {
  const { Field, JsonFileMessageBroker, MemoryMessageBroker, Message, message, processFunction, WaterMill } = library;

  class Tick {
    t!: number;
  }
  Field(() => Number)(Tick.prototype, 't');
  Message({ name: 'Tick' })(Tick);

  class Sum {
    t!: number;
    seen?: number[];
    at?: Date;
    inner?: Tick;
    more?: any;
  }
  Field(() => Number)(Sum.prototype, 't');
  Field(() => [Number], { optional: true })(Sum.prototype, 'seen');
  Field(() => Date, { optional: true })(Sum.prototype, 'at');
  Field(() => Tick, { optional: true })(Sum.prototype, 'inner');
  Field(() => Object, { optional: true })(Sum.prototype, 'more');
  Message({ name: 'Sum' })(Sum);

  let files = 0;

  /** Returns the output of a process for some ticks, as plain values. */
  async function writtenBy(place: (typeof places)[number], count: number, fn: (tick: Tick) => unknown): Promise<any[]> {
    const ticks = range(count).map((t) => ({ t }));
    const process = processFunction(Tick, { emits: [Sum] }, fn as any);
    const run = (broker: Broker) => new WaterMill({ process, broker }).run();
    if (place === 'a file') {
      const [input, output] = [directory.file(`in-${++files}.ndjson`), directory.file(`out-${files}.ndjson`)];
      require('node:fs').writeFileSync(input, ticks.map((tick) => JSON.stringify(tick)).join('\n'));
      await run(
        new JsonFileMessageBroker([
          [Tick, input],
          [Sum, output],
        ] as any) as any,
      );
      return readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    }
    const broker = place === 'memory' ? new MemoryMessageBroker([[Tick, ticks]]) : new ScriptedBroker([[Tick, ticks]]);
    await run(broker as any);
    const written = broker.written(Sum) as Sum[];
    expect(written.every((sum) => sum instanceof Sum)).toBe(true);
    return JSON.parse(JSON.stringify(written));
  }

  describe.each(places)('to %s', (place) => {
    it('one object that every call refills', async () => {
      const sum = message(Sum, { t: -1 });
      const written = await writtenBy(place, 20_000, ({ t }) => {
        sum.t = t;
        return sum;
      });
      expect(new Set(written.map(({ t }) => t)).size).toBe(20_000);
      expect(written.at(-1)).toEqual({ t: 19_999 });
    });

    it('nested values: arrays, Dates, elements, free JSON', async () => {
      const seen: number[] = [];
      const [at, inner, more] = [new Date(0), message(Tick, { t: 0 }), { list: [] as number[] }];
      const written = await writtenBy(place, 50, ({ t }) => {
        seen.push(t);
        at.setTime(t);
        inner.t = t;
        more.list = seen;
        return message(Sum, { t, seen, at, inner, more });
      });
      const upTo = (t: number) => range(t + 1);
      expect(written).toEqual(
        range(50).map((t) => ({
          t,
          seen: upTo(t),
          at: new Date(t).toISOString(),
          inner: { t },
          more: { list: upTo(t) },
        })),
      );
    });

    const again = message(Sum, { t: 0 });
    const changed = (t: number): Sum => Object.assign(again, { t });
    const forms: [name: string, fn: (tick: Tick) => unknown][] = [
      ['a promise', async ({ t }) => changed(t)],
      [
        'a promise, and a change after it',
        async ({ t }) => {
          setImmediate(() => changed(-1));
          return changed(t);
        },
      ],
      ['an array', ({ t }) => [changed(t)]],
      [
        'a generator, twice a call',
        function* ({ t }) {
          yield changed(t);
          yield changed(t + 0.5);
        },
      ],
      [
        'an async generator, twice a call',
        async function* ({ t }) {
          yield changed(t);
          await Promise.resolve();
          yield changed(t + 0.5);
        },
      ],
    ];
    it.each(forms)('returned by %s', async (name, fn) => {
      const written = await writtenBy(place, 20, fn);
      const want = name.includes('twice') ? range(40).map((i) => i / 2) : range(20);
      expect(written.map(({ t }) => t)).toEqual(want);
    });
  });
});

describe('results of classes of all kinds, in memory', () => {
  const { DataKey, Field, MemoryMessageBroker, Message, message, processFunction, WaterMill } = watermill;

  class Tick {
    t!: number;
  }
  Field(() => Number)(Tick.prototype, 't');
  Message()(Tick);

  async function written<T>(message: new () => T, results: object[]): Promise<T[]> {
    const broker = new MemoryMessageBroker([[Tick, range(results.length).map((t) => ({ t }))]]);
    const process = processFunction(Tick, { emits: [message as any] }, ({ t }) => results[t] as any);
    await new WaterMill({ process, broker }).run();
    return broker.written(message as any) as T[];
  }

  const declare = (cls: any, ...names: string[]): void => {
    for (const name of names) Field(() => Number, { optional: true })(cls.prototype, name);
    Message()(cls);
  };

  it('keep their class, their members without @Field, and an undefined over a default', async () => {
    class Base {
      n?: number;
      cache?: unknown;
    }
    declare(Base, 'n');
    class Derived extends Base {
      more = 1;
    }
    const made = Object.assign(new Base(), { n: 1, cache: new Map([[1, 2]]) });
    const derived = Object.assign(new Derived(), { n: 2 });
    class Named extends Base {
      get name(): string {
        return `no. ${this.n}`;
      }
    }
    const named = Object.assign(new Named(), { n: 3 });
    const [first, second, third] = await written(Base, [made, derived, named]);
    expect(first).toStrictEqual(made);
    expect(first).not.toBe(made);
    expect(second).toStrictEqual(derived);
    expect(third).toStrictEqual(named);
    class Valued {
      n?: number = 5;
    }
    declare(Valued, 'n');
    expect(await written(Valued, [Object.assign(new Valued(), { n: undefined })])).toStrictEqual([
      Object.assign(new Valued(), { n: undefined }),
    ]);
  });

  it('are not recreated if their class counts or freezes them; private fields are copied', async () => {
    let made = 0;
    class Counted {
      n = ++made;
    }
    declare(Counted, 'n');
    expect((await written(Counted, [new Counted(), new Counted()])).map(({ n }) => n)).toEqual([1, 2]);
    class Frozen {
      n: number;
      constructor(n = 0) {
        this.n = n;
        Object.freeze(this);
      }
    }
    declare(Frozen, 'n');
    expect((await written(Frozen, [new Frozen(7)])).map(({ n }) => n)).toEqual([7]);
    class Private {
      #n = 0;
      get n(): number {
        return this.#n;
      }
      set n(value: number) {
        this.#n = value;
      }
    }
    declare(Private, 'n');
    const kept = new Private();
    kept.n = 3;
    expect((await written(Private, [kept])).map(({ n }) => n)).toEqual([3]);
    class Computed {
      a?: number;
      get twice(): number {
        return 2 * (this.a ?? 0);
      }
    }
    declare(Computed, 'a', 'twice');
    expect((await written(Computed, [Object.assign(new Computed(), { a: 4 })])).map(({ twice }) => twice)).toEqual([8]);
  });

  it('are what was returned however many there are, also those among them that are of another shape', async () => {
    class Count {
      n?: number;
      more?: number;
    }
    declare(Count, 'n');
    const results = range(9000).map((n) => Object.assign(new Count(), { n }));
    for (const at of [0, 1, 4095, 4096, 4097, 8191, 8192, 8999]) (results[at] as Count).more = at;
    expect(await written(Count, results)).toStrictEqual(results);
  });

  it('are not confused by one that cannot be copied, and is skipped', async () => {
    class Free {
      t?: number;
      json?: any;
      last?: number;
    }
    Field(() => Number)(Free.prototype, 't');
    Field(() => Object, { optional: true })(Free.prototype, 'json');
    declare(Free, 'last');
    const fails = {
      get inside(): never {
        throw new Error('not now');
      },
    };
    const broker = new MemoryMessageBroker([[Tick, range(4).map((t) => ({ t }))]]);
    const process = processFunction(Tick, { emits: [Free], onError: 'skip' }, ({ t }) =>
      Object.assign(new Free(), { t, json: t === 1 ? fails : [t], last: t }),
    );
    expect(await new WaterMill({ process, broker }).run()).toMatchObject({ failedCalls: 1 });
    expect(broker.written(Free)).toEqual([0, 2, 3].map((t) => ({ t, json: [t], last: t })));
  });

  it('are refused if they contain themselves, as by a file', async () => {
    class Free {
      json?: any;
    }
    Field(() => Object)(Free.prototype, 'json');
    Message()(Free);
    const circle: any = { list: [] };
    circle.list.push(circle, circle);
    const error = await rejection(written(Free, [Object.assign(new Free(), { json: circle })]));
    expect(error).toMatchObject({ code: 'WM_BAD_RESULT' });
    expect(error.message).toMatch('must be nested at most 1000 deep, but is deeper (or holds itself).');
  });

  it('that are saved later are those of the time of saving', async () => {
    class Sum {
      t?: number;
    }
    declare(Sum, 't');
    const broker = new MemoryMessageBroker([[Tick, range(5).map((t) => ({ t }))]]);
    const sum = message(Sum, { t: -1 });
    const process = processFunction(Tick, { emits: [Sum], inject: [DataKey] }, ({ t }, key) => {
      setImmediate(() => {
        sum.t = t;
        mill.saveResults(key, [sum]);
        sum.t = -2;
      });
    });
    const mill: watermill.WaterMill = new WaterMill({ process, broker });
    await mill.run();
    expect(broker.written(Sum).map(({ t }) => t)).toEqual(range(5));
  });
});

describe('a result that cannot be written', () => {
  const { BadMessage, Field, JsonFileMessageBroker, Message, message, processFunction, WaterMill } = watermill;

  class Tick {
    t!: number;
  }
  Field(() => Number)(Tick.prototype, 't');
  Message()(Tick);
  class Ratio extends Tick {}
  Message()(Ratio);

  function millWith(name: string, onError: any, fn: (tick: Tick) => any) {
    const [input, output] = [directory.file(`${name}-in.ndjson`), directory.file(`${name}-out.ndjson`)];
    require('node:fs').writeFileSync(input, '{"t":0}\n{"t":1}\n{"t":2}\n');
    const letters = directory.file(`${name}-letters.ndjson`);
    const broker = new JsonFileMessageBroker([
      [Tick, input],
      [Ratio, output],
      [BadMessage, letters],
    ] as any);
    const process = processFunction(Tick, { emits: [Ratio], onError }, fn);
    const read = (file: string) => readFileSync(file, 'utf8');
    return {
      mill: new WaterMill({ process, broker }),
      output: () => read(output),
      letters: () => read(letters),
      partial: () => read(`${output}.partial`),
      input,
    };
  }

  const bad = (t: number): Ratio => message(Ratio, { t: t === 1 ? Number.NaN : t });

  it('fails the run at its call: the error names its element, and earlier results are written', async () => {
    const { mill, partial, input } = millWith('fail', 'fail', ({ t }) => bad(t));
    const error = await rejection(mill.run());
    expect(error).toMatchObject({
      code: 'WM_BAD_RESULT',
      details: { message: 'Ratio', field: 't', stream: input, position: 1 },
    });
    expect(error.message).toContain(
      `An element of Ratio cannot be written: field t must be a finite number, but is NaN. The process function returned it for Tick at position 1 of ${input}.`,
    );
    expect(partial()).toBe('{"t":0}\n');
  });

  it('is passed over by onError, with all other results of its call', async () => {
    const { mill, output } = millWith('skip', 'skip', ({ t }) => [message(Ratio, { t: t + 0.5 }), bad(t)]);
    expect(await mill.run()).toMatchObject({ failedCalls: 1, calls: 3 });
    expect(output()).toBe('{"t":0.5}\n{"t":0}\n{"t":2.5}\n{"t":2}\n');
    const lettered = millWith('letters', { deadLetter: BadMessage }, ({ t }) => bad(t));
    await lettered.mill.run();
    expect(JSON.parse(lettered.letters())).toMatchObject({ position: 1, raw: '{"t":1}' });
  });
});
