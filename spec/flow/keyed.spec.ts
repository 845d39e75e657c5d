import { readFileSync, writeFileSync } from 'node:fs';
import { alias, Field, JsonFileMessageBroker, MemoryMessageBroker, Message, message, WaterMill } from 'watermill';
import { flow, hopping, type KeyedFlow, session, sliding, tumbling } from 'watermill/flow';
import { silentLogger } from '../../lib/base/logger.js';
import { Order, orders, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { ScriptedBroker, ScriptedStream } from '../mill/support/scripted-broker.js';
import { Random } from '../support/random.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { unhandledRejections } from '../support/unhandled-rejections.js';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Acc, Ev, Text } from './keyed-model.js';

@Message()
class Login {
  @Field() user!: string;
  @Field() type!: string;
}

@Message()
class Session {
  @Field() user!: string;
  @Field(() => [String]) events!: string[];
}

@Message()
class Missed {
  @Field() k!: string;
  @Field() start!: number;
  @Field() end!: number;
  @Field() key!: string;
}

const text = (value: unknown): Text => message(Text, { text: JSON.stringify(value) });
const texts = (broker: MemoryMessageBroker<any>): unknown[] =>
  broker.written(Text).map((each) => JSON.parse(each.text));
const events = (...values: readonly [k: string, t: number, n?: number][]): Ev[] =>
  values.map(([k, t, n = 1]) => message(Ev, { k, t, n }));

async function run(process: object, elements: readonly Ev[]): Promise<MemoryMessageBroker<any>> {
  const broker = new MemoryMessageBroker([[Ev, [...elements]]]);
  await new WaterMill({ process, broker }).run();
  return broker;
}

const sessions = (more: object = {}) =>
  flow(Login)
    .keyBy(({ user }) => user)
    .reduce('sessionizer', Session, {
      first: ({ type }, user) => ({ user, events: [type] }),
      add: (state, { type }) => message(Session, { ...state, events: [...state.events, type] }),
      complete: ({ events }) => events.at(-1) === 'logout',
      ...more,
    })
    .to(Session);

const logins = (...pairs: readonly [user: string, type: string][]): Login[] =>
  pairs.map(([user, type]) => message(Login, { user, type }));

describe('reduce', () => {
  const input = logins(['a', 'login'], ['a', 'post'], ['b', 'login'], ['b', 'logout'], ['a', 'logout'], ['c', 'login']);

  it('passes on complete accumulators in the order of their completion; keeps and counts the rest', async () => {
    const broker = new MemoryMessageBroker([[Login, input]]);
    const report = await new WaterMill({ process: sessions(), broker }).run();
    expect(broker.written(Session)).toEqual([
      { user: 'b', events: ['login', 'logout'] },
      { user: 'a', events: ['login', 'post', 'logout'] },
    ]);
    expect(report.steps).toEqual([{ name: 'sessionizer', late: 0, kept: 1 }]);
    expect(String(report)).toContain('step sessionizer: 1 kept, 0 late');
  });

  it('passes on open accumulators at the end, or drops them', async () => {
    const emitting = new MemoryMessageBroker([[Login, input]]);
    const report = await new WaterMill({ process: sessions({ atEnd: 'emit' }), broker: emitting }).run();
    expect(emitting.written(Session).at(-1)).toEqual({ user: 'c', events: ['login'] });
    expect(report.steps).toMatchObject([{ kept: 0 }]);
    const dropping = new MemoryMessageBroker([[Login, input]]);
    const second = await new WaterMill({ process: sessions({ atEnd: 'drop' }), broker: dropping }).run();
    expect(dropping.written(Session)).toHaveLength(2);
    expect(second.steps).toMatchObject([{ kept: 0 }]);
  });

  it('uses the first value itself if it is of the class', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .reduce('sums', Ev, { add: (state, { n }) => ({ ...state, n: state.n + n }), complete: ({ n }) => n > 2 })
      .map(text)
      .to(Text);
    expect(texts(await run(process, events(['a', 0], ['a', 1], ['b', 2, 5], ['a', 3])))).toEqual([
      { k: 'b', t: 2, n: 5 },
      { k: 'a', t: 0, n: 3 },
    ]);
  });
});

describe('statefulMap', () => {
  it('returns a result for each value, and starts over when the state is deleted', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .statefulMap('counts', Acc, {
        initial: () => ({ n: 0, all: [] }),
        next: (acc) => [acc.n === 1 ? undefined : { ...acc, n: acc.n + 1 }, acc.n],
      })
      .map(text)
      .to(Text);
    expect(texts(await run(process, events(['a', 0], ['a', 0], ['b', 0], ['a', 0])))).toEqual([0, 1, 0, 0]);
  });
});

describe('the state of a key', () => {
  const sums = (add: (state: Ev, value: Ev) => Ev) =>
    flow(Ev, { onError: 'skip' })
      .keyBy(({ k }) => k)
      .reduce('sums', Ev, { add, complete: ({ n }) => n >= 10, atEnd: 'emit' })
      .map(text)
      .to(Text);
  const broker = (...values: [k: string, t: number, n: number][]) => new MemoryMessageBroker([[Ev, events(...values)]]);
  const totals = async (process: object, of: MemoryMessageBroker<any>) => {
    await new WaterMill({ process, broker: of, logger: silentLogger }).run();
    return texts(of).map((each) => (each as Ev).n);
  };

  it('may be changed and returned; a call that fails afterwards has no effect', async () => {
    const adding = sums((state, { n }) => {
      state.n += n;
      if (n === 5) throw new Error('bad');
      return state;
    });
    expect(await totals(adding, broker(['a', 0, 1], ['a', 1, 5], ['a', 2, 2], ['b', 3, 9], ['a', 4, 4]))).toEqual([
      7, 9,
    ]);
  });

  /** Each key has one call that fails while its values are in progress, and later ones. */
  const counts = (parallel: (answered: (t: number) => Promise<void>) => (flow: any) => any) => {
    const answers = new Map<number, () => void>();
    const answered = (t: number) => new Promise<void>((resolve) => answers.set(t, resolve));
    const values = ({ t }: Ev) => (t === 1 ? [{ t }, { t: 10 }, { t: 11 }] : [{ t }]);
    const process = parallel(answered)(flow(Ev, { onError: 'skip' }).flatMap(values))
      .keyBy(() => 'a')
      .statefulMap('seen', Acc, {
        initial: () => ({ n: 0, all: [] }),
        next: ({ n, all }: Acc, { t }: Ev) => [{ n: n + 1, all: [...all, t] }, [...all, t]],
      })
      .map(text)
      .to(Text);
    const broker = new MemoryMessageBroker([[Ev, events(['a', 1], ['a', 2], ['a', 3])]]);
    return { answers, broker, running: new WaterMill({ process, broker, logger: silentLogger }).run() };
  };

  it.each<[how: string, parallel: (answered: (t: number) => Promise<void>) => (flow: any) => any]>([
    [
      'throws',
      (answered) => (values) =>
        values
          .map((value: Ev) => {
            if (value.t === 10) throw new Error('no');
            return value;
          })
          .parallel(4, async (value: Ev) => {
            await answered(value.t);
            return value;
          }),
    ],
    [
      'is rejected',
      (answered) => (values) =>
        values
          .parallel(4, async (value: Ev) => {
            if (value.t === 10) throw new Error('no');
            return value;
          })
          .parallel(4, async (value: Ev) => value)
          .map(async (value: Ev) => {
            await answered(value.t);
            return value;
          }),
    ],
    [
      'is rejected, and what follows it was not waited for',
      (answered) => (values) =>
        values
          .map(async (value: Ev) => {
            if (value.t === 11) await answered(value.t);
            return value;
          })
          .parallel(4, (value: Ev) => (value.t === 1 ? Promise.reject(new Error('no')) : value)),
    ],
  ])('has no changes of a call that %s while its values are in progress', async (_how, parallel) => {
    const unhandled = unhandledRejections();
    const { answers, broker, running } = counts(parallel);
    let isOver = false;
    const over = running.then(() => {
      isOver = true;
    });
    for (let i = 0; !isOver && i < 100; i++) {
      await settled();
      for (const [t, answer] of answers) {
        answers.delete(t);
        answer();
      }
    }
    await over;
    unhandled.stop();
    expect(texts(broker)).toEqual([[2], [2, 3]]);
    expect(unhandled.seen).toEqual([]);
  });

  it('is a snapshot of the returned value, unaffected by later changes', async () => {
    let last: Ev | undefined;
    const adding = sums((state, { n }) => {
      if (last !== undefined) last.n = 100;
      last = message(Ev, { ...state, n: state.n + n });
      state.n = 100;
      return last;
    });
    expect(await totals(adding, broker(['a', 0, 1], ['a', 1, 2], ['a', 2, 3]))).toEqual([6]);
  });

  it.each([1, 3, 100])(
    'is what it was before a call that changed it several times and failed; %s elements a commit',
    async (elements) => {
      // The call of t is about n of 1, 10, …; every third one fails after all of them.
      const values = ({ k, t, n }: Ev) => Array.from({ length: n }, (_, i) => ({ k, t, n: 10 ** i }));
      const process = flow(Ev, { onError: 'skip' })
        .flatMap(values)
        .keyBy(({ k }) => k)
        .statefulMap('totals', Ev, {
          initial: (k) => message(Ev, { k, t: 0, n: 0 }),
          next: (state, { t, n }) => {
            state.n += n;
            return [state, { t, n: state.n }];
          },
        })
        .inspect(({ t, n }) => {
          if (t % 3 === 2 && String(n).length > 2) throw new Error('bad');
        })
        .map(text)
        .to(Text);
      const input = events(['a', 0, 1], ['a', 1, 2], ['a', 2, 3], ['a', 3, 3], ['b', 4, 1], ['a', 5, 3], ['a', 6, 2]);
      const broker = new MemoryMessageBroker([[Ev, input]]);
      await new WaterMill({ process, broker, commitEvery: { elements }, logger: silentLogger }).run();
      expect(texts(broker).map((each) => (each as Ev).n)).toEqual([1, 2, 12, 13, 23, 123, 1, 124, 134]);
    },
  );

  it('is given to each call as another object, which stays as that call left it', async () => {
    const seen: { readonly given: Ev; readonly left: string }[] = [];
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .reduce('sums', Ev, {
        first: ({ k, t, n }) => message(Ev, { k, t, n }),
        add: (state, { t, n }) => {
          const left = message(Ev, { ...state, t, n: state.n + n });
          state.t = -t;
          seen.push({ given: state, left: JSON.stringify(state) }, { given: left, left: JSON.stringify(left) });
          return left;
        },
        complete: () => false,
      })
      .map(text)
      .to(Text);
    const input = events(...Array.from({ length: 12 }, (_, t): [string, number] => [t % 3 === 0 ? 'b' : 'a', t]));
    const broker = new MemoryMessageBroker([[Ev, input]]);
    await new WaterMill({ process, broker, commitEvery: { elements: 5 } }).run();
    expect(new Set(seen.map(({ given }) => given)).size).toBe(20);
    expect(seen.map(({ given }) => JSON.stringify(given))).toEqual(seen.map(({ left }) => left));
  });

  it('is found whatever the order of the keys: in turn, with pauses, at random', async () => {
    const random = new Random(1);
    const values = Array.from({ length: 12_000 }, (_, t) => ({ k: `${t % 300}`, t, n: 1 + random.int(9) })).filter(
      ({ k, t, n }) => {
        // In the middle some keys are left out for a while, and are removed.
        if (t > 3_000 && t < 6_000 && Number(k) % 3 === 0) return false;
        return n > 1;
      },
    );
    for (const value of values.slice(8_000)) value.k = `${random.int(300)}`;
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .reduce('sums', Ev, {
        add: (state, { n }) => message(Ev, { ...state, n: state.n + n }),
        complete: ({ n }) => n % 20 === 0,
      })
      .map(text)
      .to(Text);
    const broker = new MemoryMessageBroker([[Ev, values.map((value) => message(Ev, value))]]);
    await new WaterMill({ process, broker, commitEvery: { elements: 250 } }).run();
    const open = new Map<string, { k: string; t: number; n: number }>();
    const expected: object[] = [];
    for (const value of values) {
      const before = open.get(value.k);
      const now = before === undefined ? value : { ...before, n: before.n + value.n };
      if (now.n % 20 !== 0) open.set(value.k, now);
      else {
        open.delete(value.k);
        expected.push(now);
      }
    }
    expect(texts(broker)).toEqual(expected);
  });

  it('must be one that could be read back, also where it is kept in memory', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .reduce('sums', Ev, { add: (state) => message(Ev, { ...state, n: Number.NaN }), complete: () => false })
      .map(text)
      .to(Text);
    const error = await rejection(run(process, events(['a', 0], ['a', 1])));
    expect(error.message).toMatch('field n must be a finite number');
  });

  it('is not changed through nested objects, which are frozen', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .statefulMap('lists', Acc, {
        initial: () => ({ n: 0, all: [] }),
        next: (acc, { n }) => {
          acc.all.push(n);
          return [acc, undefined];
        },
      })
      .map(text)
      .to(Text);
    const error = await rejection(run(process, events(['a', 0], ['a', 1])));
    expect(error.message).toMatch('Ev at position 1');
    expect(error.message).toMatch('Lists and objects inside the state of a step are frozen: return new ones,');
    expect(error.message).not.toMatch('put');
  });

  it('must have only its fields', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .reduce('sums', Ev, { add: (state) => Object.assign(state, { more: 1 }), complete: () => false })
      .map(text)
      .to(Text);
    const error = await rejection(run(process, events(['a', 0], ['a', 1])));
    expect((error.cause as Error).message).toMatch('the element has more, which is not a field of Ev');
  });
});

describe('steps that are compiled into one function', () => {
  it.each([false, true])('leave out the right values, and keep 0 and empty texts; async: %s', async (isAsync) => {
    const given = <V>(value: V): any => (isAsync ? Promise.resolve(value) : value);
    const steps: any = flow(Ev)
      .filterMap(({ n, ...rest }) => given(n === 1 ? null : n === 2 ? undefined : { ...rest, n }))
      .filter(({ n }: any) => given(n !== 3))
      .keyBy(({ k }: any) => given(k) as string)
      .filterMap(({ n }: any, key) => given(n === 4 ? undefined : [key, n]))
      .map((value, key) => given(text([value, key])));
    const process = steps.to(Text);
    const values = [0, 1, 2, 3, 4, 5].map((n): [string, number, number] => [n === 5 ? '' : 'a', n, n]);
    expect(texts(await run(process, events(...values)))).toEqual([
      [['a', 0], 'a'],
      [['', 5], ''],
    ]);
  });
});

describe('windows of keys', () => {
  it('collect the values of a window, with its borders; equal borders close in the order of the last values', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .collectWindow('w', { window: tumbling({ size: 10 }), at: ({ t }) => t })
      .map(({ key, start, end, value }) => text([key, start, end, value.map(({ t }) => t)]))
      .to(Text);
    expect(texts(await run(process, events(['b', 1], ['a', 2], ['b', 3], ['a', 12])))).toEqual([
      ['a', 0, 10, [2]],
      ['b', 0, 10, [1, 3]],
      ['a', 10, 20, [12]],
    ]);
  });

  it('include exactly the gap in a session, and both borders in a sliding window', async () => {
    const ofSession = flow(Ev)
      .keyBy(({ k }) => k)
      .collectWindow('s', { window: session({ gap: 5 }), at: ({ t }) => new Date(t) })
      .map(({ start, end, value }) => text([start.getTime(), end.getTime(), value.length]))
      .to(Text);
    expect(texts(await run(ofSession, events(['a', 4], ['a', 9], ['a', 15])))).toEqual([
      [4, 9, 2],
      [15, 15, 1],
    ]);
    const slid = flow(Ev)
      .keyBy(({ k }) => k)
      .collectWindow('s', { window: sliding({ size: 3 }), at: ({ t }) => t })
      .map(({ value }) => text(value.map(({ t }) => t)))
      .to(Text);
    expect(texts(await run(slid, events(['a', 0], ['a', 3], ['b', 3], ['a', 4])))).toEqual([[0], [0, 3], [3], [3, 4]]);
  });

  it('close as soon as a time reaches their end, and never reopen', async () => {
    const log: string[] = [];
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .collectWindow('w', {
        window: hopping({ size: 10, every: 5 }),
        at: ({ t }) => {
          log.push(`at ${t}`);
          return t;
        },
      })
      .map(({ start, value }) => {
        log.push(`[${start}: ${value.map(({ t }) => t).join(' ')}]`);
        return undefined;
      })
      .to(Text);
    await run(process, events(['a', 3], ['a', 10], ['a', 7], ['a', 15]));
    expect(log).toEqual([
      ...['at 3', 'at 10', '[-5: 3]', '[0: 3]', 'at 7', 'at 15', '[5: 7 10]'],
      ...['[10: 10 15]', '[15: 15]'],
    ]);
  });

  it('never pass a value to two accumulators as the same object', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .reduceWindow('w', Ev, {
        window: hopping({ size: 10, every: 5 }),
        at: ({ t }) => t,
        first: (value) => value,
        add: (state, { n }) => {
          state.n += n;
          return state;
        },
      })
      .map(({ start, value }) => text([start, value.n]))
      .to(Text);
    expect(texts(await run(process, events(['a', 3], ['a', 7])))).toEqual([
      [-5, 1],
      [0, 2],
      [5, 1],
    ]);
  });

  it('count late values, and write them with their key and the window that they missed', async () => {
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .collectWindow('w', { window: tumbling({ size: 10 }), at: ({ t }) => t, wait: 2, late: Missed })
      .map(({ value }) => text(value.map(({ t }) => t)))
      .to(Text);
    const broker = new MemoryMessageBroker([
      [Ev, events(['a', 8], ['a', 11], ['a', 9], ['a', 12], ['b', 9], ['a', 20])],
    ]);
    const report = await new WaterMill({ process, broker }).run();
    expect(texts(broker)).toEqual([[8, 9], [11, 12], [20]]);
    expect(broker.written(Missed)).toEqual([{ k: 'b', start: 0, end: 10, key: 'b' }]);
    expect(report.steps).toEqual([{ name: 'w', late: 1, kept: 0 }]);
  });

  it('write the field `value` of a late value, or the whole value if the field is of its class', async () => {
    @Message()
    class Point {
      @Field() at!: number;
      @Field() value!: number;
    }
    @Message()
    class LateNumber {
      @Field() value!: number;
    }
    @Message()
    class LatePoint {
      @Field() value!: Point;
    }
    const points = [10, 0, 20].map((at) => ({ at, value: at + 1 }));
    const late = async (late: new () => object): Promise<object[]> => {
      const process = flow(Point)
        .keyBy(() => 'all')
        .collectWindow('w', { window: tumbling({ size: 10 }), at: ({ at }) => at, late })
        .map(({ value }) => text(value.length))
        .to(Text);
      const broker = new MemoryMessageBroker([[Point, points]]);
      await new WaterMill({ process, broker }).run();
      return broker.written(late);
    };
    expect(await late(LateNumber)).toEqual([{ value: 1 }]);
    expect(await late(LatePoint)).toEqual([{ value: { at: 0, value: 1 } }]);
  });

  /** Each value twice, the second one with a hundred more; that of 7 fails. */
  const twice = () =>
    flow(Ev, { onError: 'skip' })
      .flatMap((each) => [each, { ...each, n: 100 + each.n }])
      .keyBy(({ k }) => k)
      .collectWindow('w', {
        window: tumbling({ size: 10 }),
        at: ({ t, n }) => {
          if (n === 107) throw new Error('bad');
          return t;
        },
      });

  it('undo what a failed call has put into a window', async () => {
    const process = twice()
      .map(({ value }) => text(value.map(({ n }) => n)))
      .to(Text);
    expect(texts(await run(process, events(['a', 1, 1], ['a', 2, 7], ['a', 3, 3])))).toEqual([[1, 101, 3, 103]]);
  });

  it('count no late values of a failed call', async () => {
    const process = twice().map(text).to(Text);
    const broker = new MemoryMessageBroker([[Ev, events(['a', 20, 1], ['a', 2, 7], ['a', 3, 3])]]);
    const { failedCalls, steps } = await new WaterMill({ process, broker }).run();
    expect([failedCalls, steps]).toEqual([1, [{ name: 'w', late: 2, kept: 0 }]]);
  });

  it.each([
    ['tumbling', tumbling({ size: 10 })],
    ['sliding', sliding({ size: 10 })],
    ['session', session({ gap: 10 })],
  ])('end with progress without any values: %s', async (_, window) => {
    const directory = temporaryDirectory();
    const [input, output] = [directory.file('events.ndjson'), directory.file('texts.ndjson')];
    writeFileSync(input, '{"k":"a","t":1,"n":0}\n');
    const process = flow(Ev)
      .filter(({ n }) => n > 0)
      .keyBy(({ k }) => k)
      .collectWindow('w', { window, at: ({ t }) => t, wait: 5 })
      .map(text)
      .to(Text);
    const broker = new JsonFileMessageBroker(
      [
        [Ev, input],
        [Text, output],
      ],
      { group: 'g' },
    );
    const report = await new WaterMill({ process, broker, logger: silentLogger }).run();
    expect(report.ended).toBe('master ended');
    expect(readFileSync(output, 'utf8')).toBe('');
    await directory.remove();
  });

  it('refuse times of another type, and values that are not times', async () => {
    const process = (at: (value: Ev) => any) =>
      flow(Ev)
        .keyBy(({ k }) => k)
        .collectWindow('w', { window: tumbling({ size: 10 }), at })
        .map(text)
        .to(Text);
    const cause = async (at: (value: Ev) => any): Promise<string> =>
      ((await rejection(run(process(at), events(['a', 1], ['a', 2])))).cause as Error).message;
    expect(await cause(() => Number.NaN)).toBe(
      'the flow over Ev: w: at() returned NaN; expected a number, a bigint or a valid Date.',
    );
    expect(await cause(({ t }) => BigInt(t))).toMatch("expected a number or a Date, like the window's size");
    expect(await cause(({ t }) => (t === 1 ? t : new Date(t)))).toMatch('expected a number, as before');
  });

  const nanoseconds = 1_714_564_800_000_000_000;
  it.each<[name: string, window: any, at: (t: number) => any, reason: string]>([
    ['tumbling', tumbling({ size: 100 }), () => nanoseconds, "the window's size 100 is too small next to it"],
    ['tumbling', tumbling({ size: 5 }), (t) => t * 1e300, "the window's size 5 is too small next to it"],
    ['tumbling', tumbling({ size: 1e-7 }), () => -1e10, "the window's size 1e-7 is too small next to it"],
    ['tumbling', tumbling({ size: 0.5 }), (t) => new Date(t), 'is not in whole milliseconds'],
    ['tumbling', tumbling({ size: 100 }), () => new Date(8.64e15), 'reaches beyond the last or the first Date'],
    ['hopping', hopping({ size: 3, every: 1 }), () => 1e16, 'every 1, is too small next to it'],
    ['sliding', sliding({ size: 1 }), () => 1e16, "the window's size 1 is too small next to it"],
    ['sliding', sliding({ size: 1 }), () => new Date(-8.64e15), 'reaches beyond the last or the first Date'],
    ['session', session({ gap: 1 }), () => 1e16, "the window's gap 1 is too small next to it"],
    ['session', session({ gap: 2 ** 60 }), () => 1e16, 'wait: 1 is too small next to it'],
  ])('%s: refuse a time with which the arithmetic is not exact, without an endless loop %#', async (...given) => {
    const [, window, at, reason] = given;
    const process = flow(Ev)
      .keyBy(({ k }) => k)
      .collectWindow('w', { window, at: ({ t }) => at(t), wait: 1 })
      .map(text)
      .to(Text);
    const { code, message } = (await rejection(run(process, events(['a', 1])))).cause as any;
    expect([code, message]).toEqual(['WM_FLOW_VALUE', expect.stringContaining(reason)]);
  });

  it('a time whose call was skipped does not set the type of the others', async () => {
    const process = flow(Ev, { onError: 'skip' })
      .keyBy(({ k }) => k)
      .collectWindow('w', { window: tumbling({ size: 1 }), at: ({ t }) => (t === 1 ? new Date(8.64e15) : t) as number })
      .map(({ start }) => text([start]))
      .to(Text);
    const broker = new MemoryMessageBroker([[Ev, events(['a', 1], ['a', 2], ['b', 3])]]);
    const { failedCalls } = await new WaterMill({ process, broker }).run();
    expect([failedCalls, texts(broker)]).toEqual([1, [[2], [3]]]);
  });

  it('a key whose call was skipped does not set the type of the others, whatever the step', async () => {
    const steps: Record<string, (keyed: any) => any> = {
      statefulMap: (keyed) =>
        keyed.statefulMap('s', Acc, {
          initial: () => ({ n: 0, all: [] }),
          next: ({ n }: Acc) => [{ n: n + 1, all: [] }, n === 1 ? 'second' : undefined],
        }),
      reduce: (keyed) =>
        keyed.reduce('s', Acc, {
          first: () => message(Acc, { n: 1, all: [] }),
          add: ({ n }: Acc) => message(Acc, { n: n + 1, all: [] }),
          complete: ({ n }: Acc) => n === 2,
        }),
      batch: (keyed) => keyed.batch('s', { size: 2 }),
      window: (keyed) =>
        keyed
          .collectWindow('s', { window: sliding({ size: 0 }), at: ({ t }: Ev) => t })
          .filter(({ value }: any) => value.length === 2),
    };
    for (const [name, step] of Object.entries(steps)) {
      let fails = true;
      // The first of two values of a call is kept before the second one fails.
      const keyed = flow(Ev, { onError: 'skip' })
        .flatMap((event) => {
          fails = event.t === 1;
          return [event, event];
        })
        .keyBy(({ k, t }) => (t === 1 ? 0 : k) as string);
      const process = step(keyed)
        .map(() => {
          if (fails) throw new Error('fails');
          return text('passed on');
        })
        .to(Text);
      const broker = new MemoryMessageBroker([[Ev, events(['a', 1], ['b', 1], ['0', 2], ['b', 3])]]);
      const { failedCalls } = await new WaterMill({ process, broker }).run();
      expect([name, failedCalls, texts(broker)]).toEqual([name, 2, ['passed on', 'passed on']]);
    }
  });

  it('accept times as large as the arithmetic allows, and bigints of any size', async () => {
    const windows = async (window: any, at: any, wait: any): Promise<unknown[]> => {
      const process = flow(Ev)
        .keyBy(({ k }) => k)
        .collectWindow('w', { window, at: () => at, wait })
        .map(({ start, end }) => text([String(start), String(end)]))
        .to(Text);
      return texts(await run(process, events(['a', 1])));
    };
    expect(await windows(tumbling({ size: 100 }), 2 ** 53 - 1, 1)).toEqual([['9007199254740900', '9007199254741000']]);
    expect(await windows(tumbling({ size: 100n }), 10n ** 30n + 5n, 1n)).toEqual([
      [`1${'0'.repeat(30)}`, `1${'0'.repeat(27)}100`],
    ]);
    expect(await windows(sliding({ size: 0 }), 1e300, 0)).toEqual([['1e+300', '1e+300']]);
  });
});

describe('batch of keys', () => {
  it('is stored by every broker, with null among its values, and without a key', async () => {
    const directory = temporaryDirectory();
    writeFileSync(
      directory.file('in.ndjson'),
      events(['a', 1], ['b', 2], ['a', 3], ['b', 4])
        .map((each) => `${JSON.stringify(each)}\n`)
        .join(''),
    );
    let stops = 0;
    let mill: WaterMill;
    const process = (isStopped: boolean) =>
      flow(Ev)
        .inspect(({ t }) => {
          if (isStopped && t === 3 && stops++ === 0) mill.stop();
        })
        .keyBy(({ k }) => k)
        .map(({ k, t }) => (k === 'a' ? null : t))
        .batch('lists', { size: 2 })
        .batch({ size: 2 })
        .map(text)
        .to(Text);
    const written = async (name: string, isStopped: boolean) => {
      const entries = [
        [Ev, directory.file('in.ndjson')],
        [Text, directory.file(`${name}.ndjson`)],
      ] as const;
      for (let runs = isStopped ? 2 : 1; runs > 0; runs--) {
        mill = new WaterMill({
          process: process(isStopped),
          broker: new JsonFileMessageBroker(entries, { group: 'g' }),
        });
        await mill.run();
      }
      return readFileSync(directory.file(`${name}.ndjson`), 'utf8');
    };
    const expected = `${JSON.stringify({ text: '[[null,null],[2,4]]' })}\n`;
    expect(await written('whole', false)).toBe(expected);
    expect(await written('continued', true)).toBe(expected);
    expect(stops).toBe(1);
    expect(texts(await run(process(false), events(['a', 1], ['b', 2], ['a', 3], ['b', 4])))).toEqual([
      [
        [null, null],
        [2, 4],
      ],
    ]);
    directory.remove();
  });

  it('has elements of their class again after a restart, also of a class that extends an alias', async () => {
    class NextEv extends alias(Ev, 'NextEv') {
      get isLate() {
        return this.t > 1;
      }
    }
    const directory = temporaryDirectory();
    const lines = events(['a', 1], ['a', 2]).map((each) => `${JSON.stringify(each)}\n`);
    writeFileSync(directory.file('in.ndjson'), lines.join(''));
    for (const isStopped of [true, false]) {
      const process = flow(NextEv)
        .inspect(() => {
          if (isStopped) mill.stop();
        })
        .keyBy(({ k }) => k)
        .batch('lists', { size: 2 })
        .map((list) => text(list.map((each) => each.isLate)))
        .to(Text);
      const entries = [
        [NextEv, directory.file('in.ndjson')],
        [Text, directory.file('out.ndjson')],
      ] as const;
      const mill = new WaterMill({ process, broker: new JsonFileMessageBroker(entries, { group: 'g' }) });
      await mill.run();
    }
    expect(readFileSync(directory.file('out.ndjson'), 'utf8')).toBe('{"text":"[false,true]"}\n');
    directory.remove();
  });

  it('passes an open list on when its timeout has passed', async () => {
    const clock = new VirtualClock();
    const stream = new ScriptedStream([], true);
    const broker = new ScriptedBroker([[Order, stream]], { remembers: false });
    const process = flow(Order)
      .keyBy(({ time }) => time % 2)
      .batch('lists', { size: 3, timeoutMs: 100 })
      .map((list) => message(Sale, { id: list.map(({ id }) => id).join('+'), amount: list.length }))
      .to(Sale);
    const ids = (): string[] => broker.written(Sale).map(({ id }) => id);
    const running = new WaterMill({ process, broker, clock }).run();
    stream.push(...orders(1, 2));
    await clock.advance(50);
    stream.push(...orders(2, 3));
    await clock.advance(49);
    expect(ids()).toEqual([]);
    await clock.advance(1);
    expect(ids()).toEqual(['o1+o0', 'o0+o1']);
    stream.push(...orders(2, 2, 2, 1));
    await settled();
    expect(ids().slice(2)).toEqual(['o0+o1+o2']);
    stream.end();
    await running;
    expect(ids().slice(3)).toEqual(['o3']);
  });

  it('is passed on in time, whatever calls fail in the meantime', async () => {
    const clock = new VirtualClock();
    const stream = new ScriptedStream([], true);
    const broker = new ScriptedBroker([[Order, stream]], { remembers: false });
    let isDown = true;
    const process = flow(Order, { onError: 'skip' })
      .map((order) => {
        if (order.time === 9) throw new Error('no');
        return order;
      })
      .keyBy(({ time }) => time)
      .batch('lists', { size: 3, timeoutMs: 100 })
      .map((list) => {
        if (isDown) throw new Error('down');
        return message(Sale, { id: list.map(({ id }) => id).join('+'), amount: list.length });
      })
      .to(Sale);
    const ids = (): string[] => broker.written(Sale).map(({ id }) => id);
    const running = new WaterMill({ process, broker, clock, logger: silentLogger }).run();
    stream.push(...orders(1));
    await clock.advance(50);
    stream.push(...orders(9));
    await clock.advance(49);
    isDown = false;
    expect(ids()).toEqual([]);
    await clock.advance(1);
    expect(ids()).toEqual(['o0']);
    isDown = true;
    stream.push(...orders(2));
    await clock.advance(100);
    await clock.advance(99);
    isDown = false;
    expect(ids()).toEqual(['o0']);
    await clock.advance(1);
    expect(ids()).toEqual(['o0', 'o0']);
    stream.end();
    expect((await running).failedCalls).toBe(2);
  });
});

describe('a flow with keys', () => {
  const counts = (local?: boolean) =>
    flow(Order)
      .keyBy(({ id }) => id, local === undefined ? {} : { local })
      .batch('b', { size: 1 })
      .map(([first]) => message(Sale, { id: first!.id, amount: 1 }))
      .to(Sale);

  it('is refused on several lanes, unless its states are declared as local', async () => {
    const several = { lanes: ['0', '1'], remembers: false };
    const broker = new ScriptedBroker([[Order, orders(1)]], several);
    const error = await rejection(new WaterMill({ process: counts(), broker }).run());
    expect(error.code).toBe('WM_FLOW');
    expect(error.message).toMatch('there are several lanes: values of one key may arrive in any of them');
    const local = new ScriptedBroker([[Order, orders(1)]], several);
    await new WaterMill({ process: counts(true), broker: local }).run();
    expect(local.written(Sale, '1')).toHaveLength(1);
  });

  it('is shown by explain(), with its tables; their names are part of the plan', () => {
    const made = (name: string) => {
      const process = flow(Ev)
        .keyBy(({ k }) => k)
        .foldWindow(name, Acc, {
          window: hopping({ size: 10, every: 5 }),
          at: ({ t }) => t,
          wait: 3,
          initial: () => ({ n: 0, all: [] }),
          add: (acc) => acc,
        })
        .map(text)
        .to(Text);
      return new WaterMill({ process, broker: new MemoryMessageBroker([[Ev, []]]) }).explain();
    };
    expect(made('w')).toContain(
      '  step 1: keyBy\n  step 2: windows w, hopping 10 every 5: keeps a Acc of each key and open window; values wait for 3; late values are counted\n',
    );
    const fingerprint = (of: string): string => made(of).split('Fingerprint: ')[1] as string;
    expect(fingerprint('v')).not.toBe(fingerprint('w'));
  });

  const keyed = flow(Ev).keyBy(({ k }) => k) as any;
  const fold = { window: tumbling({ size: 1 }), at: () => 1, initial: () => 1, add: () => 1 };
  it.each([
    ['a step that keeps, without a key', () => (flow(Ev) as any).reduce('r', Acc, {}), 'Put keyBy() before it.'],
    [
      'one without a name',
      () => keyed.statefulMap(Acc, Acc, {}),
      "found again by the step's name, the first argument: expected a text",
    ],
    ['an empty name', () => keyed.batch('', { size: 1 }), 'expected a text'],
    [
      'a name twice',
      () =>
        keyed
          .batch('b', { size: 1 })
          .keyBy(() => 1)
          .batch('b', { size: 1 }),
      'has a step called "b" already',
    ],
    ['a class that is none', () => keyed.reduce('r', Date, {}), 'reduce("r"): what it keeps: expected a message class'],
    ['a function that is missing', () => keyed.reduce('r', Acc, { add: () => 1 }), 'reduce("r"): complete is missing'],
    [
      'an unknown end',
      () => keyed.reduce('r', Acc, { add: () => 1, complete: () => true, atEnd: 'x' }),
      "'keep', 'emit' or 'drop'",
    ],
    [
      'no window',
      () => keyed.foldWindow('w', Acc, { ...fold, window: { size: 1 } }),
      'window: expected tumbling(…), hopping(…)',
    ],
    [
      'a wait of another type',
      () => keyed.foldWindow('w', Acc, { ...fold, wait: 1n }),
      'wait: expected a number, 0 or more',
    ],
    [
      'a late class that is none',
      () => keyed.foldWindow('w', Acc, { ...fold, late: 5 }),
      'late: expected a message class',
    ],
    ['a window without a size', () => tumbling({} as any), 'tumbling(): size is missing. Give { size }.'],
    [
      'a size of another type',
      () => hopping({ size: 1, every: 1n as any }),
      'hopping(): every: expected a number, as the size is',
    ],
    [
      'a value in more windows than can be called',
      () => hopping({ size: 1_000_001n, every: 1n }),
      'hopping(): every: expected at least a 1,000,000th part of the size, since each element is in size / every windows, found 1n',
    ],
    [
      'no boolean',
      () => keyed.constructor && flow(Ev).keyBy(() => 1, { local: 5 } as any),
      'keyBy(): local: expected true or false',
    ],
  ])('refuses %s', (_, make, sentence) => {
    expect(make).toThrow(sentence);
  });

  // These have one identity in a Map, and were one key.
  const pairs: [string, any, any][] = [
    ['a number and a text in tuples', [5], ['5']],
    ['a Date and a number', new Date(5), 5],
    ['a boolean and a text in tuples', [true], ['true']],
    ['a number and a text', 5, '5'],
    ['tuples of two lengths', [1, 2], [1]],
  ];
  describe.each<[string, (flow: any) => any]>([
    ['tumbling', (flow) => flow.collectWindow('w', { window: tumbling({ size: 9 }), at: ({ t }: Ev) => t })],
    ['sliding', (flow) => flow.collectWindow('w', { window: sliding({ size: 9 }), at: ({ t }: Ev) => t, wait: 5 })],
    ['batch', (flow) => flow.batch('w', { size: 9 })],
    [
      'statefulMap',
      (flow) => flow.statefulMap('w', Acc, { initial: () => ({ n: 0, all: [] }), next: (acc: Acc) => [acc, acc] }),
    ],
  ])('refuses keys of several types: %s', (_, step) => {
    it.each(pairs)('%s', async (_, one, other) => {
      const made = step(flow(Ev, { onError: 'skip' }).keyBy(({ k }) => (k === 'a' ? one : other)));
      const passed: unknown[] = [];
      const process = made
        .inspect((value: unknown) => void passed.push(value))
        .map(text)
        .to(Text);
      const broker = new MemoryMessageBroker([[Ev, events(['a', 1], ['b', 2], ['a', 3])]]);
      const report = await new WaterMill({ process, broker }).run();
      expect([report.failedCalls, JSON.stringify(passed).includes('"t":2')]).toEqual([1, false]);
    });
  });

  it('refuses invalid keys, invalid booleans, and values that cannot be kept', async () => {
    const cause = async (process: object): Promise<string> =>
      ((await rejection(run(process, events(['a', 1], ['a', 2])))).cause as Error).message;
    const any = flow(Ev) as any;
    expect(
      await cause(
        any
          .keyBy(() => ({}))
          .batch('b', { size: 1 })
          .to(Text),
      ),
    ).toMatch(/keyBy\(.*\) returned {}; expected a number/);
    const byNothing = any.keyBy(() => Number.NaN).batch('b', { size: 1 });
    expect(await cause(byNothing.to(Text))).toMatch(/keyBy\(.*\) returned NaN; expected a number/);
    expect(await cause(keyed.reduce('r', Ev, { add: (s: Ev) => s, complete: () => 1 }).to(Text))).toMatch(
      'the flow over Ev: r: complete() returned 1; expected true or false.',
    );
    expect(await cause(keyed.reduce('r', Acc, { add: (s: Acc) => s, complete: () => true }).to(Text))).toMatch(
      /: r: without first, the accumulator is the first value, Ev { .* }; expected an element of Acc, or its fields\./,
    );
    expect(
      await cause(keyed.statefulMap('s', Acc, { initial: () => ({ n: 0, all: [] }), next: (s: Acc) => s }).to(Text)),
    ).toMatch(
      's: next() returned Acc { n: 0, all: [] }; expected [the next state or undefined, the result or undefined].',
    );
    expect(await cause(keyed.statefulMap('s', Acc, { initial: () => 5, next: () => [] }).to(Text))).toMatch(
      's: initial() returned 5; expected an element of Acc, or its fields.',
    );
    expect(
      await cause(
        keyed
          .map(() => () => 1)
          .batch('b', { size: 3 })
          .to(Text),
      ),
    ).toMatch('b is to keep a function, which it cannot.');
    class Plain {}
    expect(
      await cause(
        keyed
          .map(() => new Plain())
          .batch('b', { size: 3 })
          .to(Text),
      ),
    ).toMatch('use map() before.');
  });

  describe.each([
    ['fields', (n: number) => ({ n, all: [] })],
    ['an element', (n: number) => message(Acc, { n, all: [] })],
  ])('refuses a state that cannot be written, given as %s', (_, make) => {
    const state = (n: number) => make(n === 3 ? Number.NaN : n);
    const add = (_acc: Acc, { n }: Ev) => state(n);
    const window = { window: tumbling({ size: 10 }), at: ({ t }: Ev) => t };
    const input = events(['a', 1, 1], ['a', 2, 2], ['a', 3, 3], ['a', 25, 4]);

    it.each([
      [
        'statefulMap',
        (keyed: KeyedFlow<typeof Ev, string, Ev>) =>
          keyed.statefulMap('s', Acc, { initial: () => state(0), next: ({ n }, ev) => [state(ev.n), n] }),
        'An element of Acc cannot be written: field n',
        [0, 1, 2],
      ],
      [
        'reduce',
        (keyed: KeyedFlow<typeof Ev, string, Ev>) =>
          keyed.reduce('s', Acc, { first: ({ n }) => state(n), add, complete: ({ n }) => n === 4 }).map(({ n }) => n),
        'An element of Acc cannot be written: field n',
        [4],
      ],
      [
        'foldWindow',
        (keyed: KeyedFlow<typeof Ev, string, Ev>) =>
          keyed.foldWindow('s', Acc, { ...window, initial: () => state(0), add }).map(({ value }) => value.n),
        'An element of s cannot be written: field state.n',
        [2, 4],
      ],
    ])('refuses it even if none is written: %s', async (__, step, sentence, others) => {
      const process = (onError: 'fail' | 'skip') =>
        step(flow(Ev, { onError }).keyBy(({ k }) => k))
          .map(text)
          .to(Text);
      const error = await rejection(run(process('fail'), input));
      expect(error.code).toBe('WM_BAD_RESULT');
      expect(error.message).toMatch(`${sentence} must be a finite number, but is NaN.`);
      expect(error.message).toMatch('put it into the table s for Ev at position');
      expect(texts(await run(process('skip'), input))).toEqual(others);
    });
  });
});
