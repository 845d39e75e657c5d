import {
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  Origin,
  tumblingWindow,
  WaterMill,
  WindowBounds,
} from 'watermill';
import { flow } from 'watermill/flow';
import { silentLogger } from '../../lib/base/logger.js';
import { Order, orders, Price, prices, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { ScriptedBroker, ScriptedStream } from '../mill/support/scripted-broker.js';
import { watched } from '../mill/support/watched-broker.js';
import { settled, until, VirtualClock } from '../support/virtual-clock.js';
import { Num, Out, out, Side } from './model.js';

const nums = (...values: number[]): Num[] => values.map((n) => message(Num, { n }));
const written = (broker: ScriptedBroker, of: typeof Out = Out): number[] => broker.written(of).map(({ n }) => n);

/** Runs a flow over these numbers. */
async function run(process: object, ...values: number[]): Promise<ScriptedBroker> {
  const broker = new ScriptedBroker([[Num, nums(...values)]]);
  await new WaterMill({ process, broker }).run();
  return broker;
}

const total = (list: readonly { n: number }[]): Out => out(list.reduce((sum, { n }) => sum + n, 0));

describe('a flow', () => {
  it('is a process over a class, and writes values of several classes to their streams', async () => {
    const process = flow(Num)
      .flatMap(({ n }) => (n === 2 ? [] : n === 3 ? [out(n), message(Side, { n })] : new Set([out(n)])))
      .to(Out, Side);
    const broker = await run(process, 1, 2, 3);
    expect(written(broker)).toEqual([1, 3]);
    expect(written(broker, Side)).toEqual([3]);
  });

  it('leaves out undefined and null at its end', async () => {
    const process = flow(Num)
      .map(({ n }) => (n === 1 ? undefined : n === 2 ? null : out(n)))
      .to(Out);
    expect(written(await run(process, 1, 2, 3))).toEqual([3]);
  });

  it('gets the arrays of a window, with its borders if they are injected', async () => {
    const window = tumblingWindow(Num, field(Num, 'n'), { size: 10 });
    const sums = flow(window).map(total).to(Out);
    expect(written(await run(sums, 1, 2, 13))).toEqual([3, 13]);
    const starts = flow(window, { inject: [WindowBounds] })
      .map(([list, { start }]) => out(start + list.length))
      .to(Out);
    expect(written(await run(starts, 1, 2, 13))).toEqual([2, 11]);
  });

  it('gets a tuple of the parameters of a tree, and of injected values', async () => {
    const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
    const broker = new ScriptedBroker([
      [Order, orders(1, 2, 3)],
      [Price, prices(1, 3)],
    ]);
    const seen: unknown[] = [];
    const process = flow(tree, { inject: [Origin, 'factor'] })
      .inspect(([order, , origin, factor], info) => void seen.push([order.id, origin.position, factor, info]))
      .map(([{ id }, found, , factor]) => message(Sale, { id, amount: found.size * factor }))
      .to(Sale);
    await new WaterMill({ process, broker, container: { resolve: () => 5 } }).run();
    expect(broker.written(Sale)).toEqual([
      { id: 'o0', amount: 5 },
      { id: 'o2', amount: 5 },
    ]);
    expect(seen).toEqual([
      ['o0', 0, 5, { lane: '0', position: 0 }],
      ['o2', 2, 5, { lane: '0', position: 2 }],
    ]);
  });

  it('has no position at the end of the stream, whether or not the run made calls before', async () => {
    const seen: unknown[] = [];
    const process = flow(Num)
      .keyBy(() => 'all')
      .batch('all', { size: 2 })
      .inspect((list, info) => void seen.push([list.length, info]))
      .map((list) => out(list.length))
      .to(Out);
    const broker = new MemoryMessageBroker([[Num, nums(1, 2, 3)]]);
    const crashing = watched(broker, (call) => {
      if (call === 'end') throw new Error('crash');
    });
    await expect(new WaterMill({ process, broker: crashing, commitEvery: { elements: 1 } }).run()).rejects.toThrow(
      'crash',
    );
    await new WaterMill({ process, broker }).run();
    const atEnd = [1, { lane: '0', position: -1 }];
    expect(seen).toEqual([[2, { lane: '0', position: 1 }], atEnd, atEnd]);
  });

  it('can be continued in two ways', async () => {
    const begin = flow(Num).filter(({ n }) => n > 1);
    expect(written(await run(begin.map(({ n }) => out(n)).to(Out), 1, 2))).toEqual([2]);
    expect(written(await run(begin.map(({ n }) => out(-n)).to(Out), 1, 2))).toEqual([-2]);
  });

  it('limits async calls in progress, and keeps the order', async () => {
    const answers = new Map<number, () => void>();
    let most = 0;
    const process = flow(Num)
      .parallel(3, async ({ n }) => {
        await new Promise<void>((resolve) => answers.set(n, resolve));
        return out(n);
      })
      .to(Out);
    const broker = new ScriptedBroker([[Num, nums(...range(7))]]);
    const mill = new WaterMill({ process, broker });
    expect(mill.explain()).toContain('in progress at once: up to 3 async calls of a lane');
    const running = mill.run();
    for (let left = 7; left > 0; left--) {
      await until(() => answers.size >= Math.min(3, left));
      await settled();
      most = Math.max(most, answers.size);
      const last = Math.max(...answers.keys());
      answers.get(last)?.();
      answers.delete(last);
    }
    await running;
    expect({ most, written: written(broker) }).toEqual({ most: 3, written: range(7) });
  });

  it('limits async calls in progress for the values of one element, too', async () => {
    let inProgress = 0;
    let most = 0;
    const process = flow(Num)
      .flatMap(({ n }) => range(n))
      .parallel(2, async (n) => {
        most = Math.max(most, ++inProgress);
        for (let i = n % 3; i >= 0; i--) await new Promise((resolve) => setImmediate(resolve));
        inProgress--;
        return out(n);
      })
      .to(Out);
    expect(written(await run(process, 5, 4))).toEqual([...range(5), ...range(4)]);
    expect(most).toBe(2);
  });

  it('keeps the order of the values of one element if some need no promise', async () => {
    const process = flow(Num)
      .flatMap(({ n }) => range(n))
      .parallel(3, (n) => (n % 2 === 0 ? Promise.resolve(out(n)) : out(n)))
      .to(Out);
    expect(written(await run(process, 5, 4))).toEqual([...range(5), ...range(4)]);
  });

  it('counts a value that waits for its turn as in progress when the next call comes', async () => {
    let inProgress = 0;
    let most = 0;
    const after = async (turns: number): Promise<void> => {
      for (let i = 0; i < turns; i++) await undefined;
    };
    const process = flow(Num)
      .parallel(2, async ({ n }) => {
        most = Math.max(most, ++inProgress);
        await after((n * 7919) % 23);
        inProgress--;
        return n;
      })
      .parallel(6, async (n) => {
        await after((n * 104_729) % 31);
        return out(n);
      })
      .to(Out);
    expect(written(await run(process, ...range(300)))).toEqual(range(300));
    expect(most).toBe(2);
  });

  it('passes an open list on when its timeout has passed, and at the end', async () => {
    const clock = new VirtualClock();
    const stream = new ScriptedStream([], true);
    const broker = new ScriptedBroker([[Num, stream]]);
    const process = flow(Num).batch({ size: 3, timeoutMs: 100 }).map(total).to(Out);
    const mill = new WaterMill({ process, broker, clock });
    expect(mill.explain()).toContain('a list of the step batch is given on 100 ms after its first value');
    const running = mill.run();
    stream.push(...nums(1, 2));
    await clock.advance(99);
    expect(written(broker)).toEqual([]);
    await clock.advance(1);
    expect(written(broker)).toEqual([3]);
    stream.push(...nums(1, 1, 1, 5));
    await clock.advance(50);
    expect(written(broker)).toEqual([3, 3]);
    stream.end();
    await running;
    expect(written(broker)).toEqual([3, 3, 5]);
  });

  it('waits for another timeout for a list that could not be passed on', async () => {
    const clock = new VirtualClock();
    const stream = new ScriptedStream([], true);
    const broker = new ScriptedBroker([[Num, stream]]);
    let isDown = true;
    const process = flow(Num, { onError: 'skip' })
      .batch({ size: 3, timeoutMs: 100 })
      .map((list) => {
        if (isDown) throw new Error('down');
        return total(list);
      })
      .to(Out);
    const mill = new WaterMill({ process, broker, clock, logger: silentLogger });
    const running = mill.run();
    stream.push(...nums(1, 2));
    await clock.advance(100);
    await clock.advance(99);
    isDown = false;
    expect(written(broker)).toEqual([]);
    await clock.advance(1);
    expect(written(broker)).toEqual([3]);
    stream.end();
    expect((await running).failedCalls).toBe(1);
  });

  it('is shown by explain(), step by step', () => {
    const process = flow(Num)
      .filter(({ n }) => n > 0)
      .tee(Side, () => undefined)
      .batch({ size: 5 })
      .map(total)
      .to(Out);
    const text = new WaterMill({ process, broker: new ScriptedBroker([[Num, []]]) }).explain();
    expect(text).toContain('Process: the flow over Num');
    expect(text).toContain(
      '  step 1: filter\n  step 2: tee: Side\n  step 3: batch: lists of 5; in memory: the open list;',
    );
    expect(text).toContain('Reproducible: the results do not depend on timing.');
  });
});

describe('a step that throws', () => {
  const bad = (n: number): boolean => {
    if (n === 4) throw new Error('four');
    return true;
  };

  it('fails the run: nothing of its element is written, and everything before it is', async () => {
    for (const isAsync of [false, true]) {
      const broker = new ScriptedBroker([[Num, nums(1, 2, 5, 6)]]);
      const process = flow(Num)
        .flatMap(({ n }) => [n - 2, n - 1])
        .tee(Side, (n) => message(Side, { n }))
        .filter((n) => (isAsync ? Promise.resolve(bad(n)) : bad(n)))
        .map(out)
        .to(Out);
      const error = await rejection(new WaterMill({ process, broker }).run());
      expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED', details: { position: 2 } });
      expect(error.message).toMatch('The flow over Num failed on Num at position 2 of stream-0: four.');
      expect(written(broker)).toEqual([-1, 0, 0, 1]);
      expect(written(broker, Side)).toEqual([-1, 0, 0, 1]);
    }
  });

  it('names a tee that returns something else than elements of its class', async () => {
    const side = message(Side, { n: 1 });
    for (const given of [{ n: 1 }, out(1), [side, 5], Promise.resolve(out(1)), [[side]]]) {
      const broker = new ScriptedBroker([[Num, nums(1)]]);
      const process = flow(Num)
        .tee(Side, () => given as never)
        .map(({ n }) => out(n))
        .to(Out);
      const error = await rejection(new WaterMill({ process, broker }).run());
      expect(error.cause).toMatchObject({ code: 'WM_FLOW_VALUE' });
      expect(error.message).toMatch(
        /the flow over Num: tee\(Side, \(\) ?=> ?given\) returned .*; expected an element of Side, an array of them or undefined. Make one of it: message\(Side, \{ … \}\)/,
      );
      expect([...written(broker), ...written(broker, Side)]).toEqual([]);
    }
  });

  it('leaves nothing in an open list, if onError continues', async () => {
    const process = flow(Num, { onError: 'skip' })
      .flatMap(({ n }) => [n, n + 1])
      .filter((n) => bad(n))
      .batch({ size: 3 })
      .map((list) => out(list.reduce((sum, n) => sum * 100 + n, 0)))
      .to(Out);
    // When 4 throws, 3 is in the list, and passed on with it.
    expect(written(await run(process, 1, 3, 5, 3, 7))).toEqual([1_02_05, 6_07_08]);
  });

  it.each([[false], [true]])(
    'at the end of the stream keeps the values of the open list (async: %p)',
    async (isAsync) => {
      let failures = 1;
      const process = flow(Num)
        .tee(Side, ({ n }) => message(Side, { n }))
        .batch({ size: 2 })
        .map((list) => {
          if (list.length === 2 || failures-- <= 0) return isAsync ? Promise.resolve(total(list)) : total(list);
          throw new Error('the last list');
        })
        .to(Out);
      const broker = new ScriptedBroker([[Num, nums(1, 2, 3)]]);
      const mill = () => new WaterMill({ process, broker });
      expect((await rejection(mill().run())).message).toMatch('failed when the streams had ended: the last list.');
      expect([written(broker), written(broker, Side)]).toEqual([[3], [1, 2]]);
      await mill().run();
      expect([written(broker), written(broker, Side)]).toEqual([
        [3, 3],
        [1, 2, 3],
      ]);
    },
  );

  it('reports what it must return', async () => {
    const cause = async (process: object): Promise<string> =>
      ((await rejection(run(process, 1))).cause as Error).message;
    const any = flow(Num) as any;
    expect((await cause(any.filter(() => 1).to(Out))).replace(/\s*=>\s*/, ' => ')).toBe(
      'the flow over Num: filter(() => 1) returned 1; expected true or false. Compare: value !== undefined, or !!value.',
    );
    expect(await cause(any.filter(async () => undefined).to(Out))).toMatch(
      /filter\(async \(\) ?=> ?undefined\) returned undefined/,
    );
    expect(
      (await cause(any.flatMap(() => 'text').to(Out))).replace(/flatMap\(.*\) returned/, 'flatMap(…) returned'),
    ).toBe(
      'the flow over Num: flatMap(…) returned "text"; expected an iterable, an async iterable or undefined. A text is not a list: write [text], or text.split(…).',
    );
    expect(await cause(any.flatMap(() => null).to(Out))).toMatch(/flatMap\(.*\) returned null/);
    const iterable = (next: () => unknown) => ({ [Symbol.iterator]: () => ({ next }) });
    for (const [next, sentence] of [
      [() => 5, 'gave 5; expected { value, done }.'],
      [() => ({}), 'gave {}; expected { value, done }.'],
      [async () => ({ done: true }), 'An iterator that must be awaited is returned by [Symbol.asyncIterator].'],
    ] as const) {
      expect(await cause(any.flatMap(() => iterable(next)).to(Out))).toContain(sentence);
    }
    const async = { [Symbol.asyncIterator]: () => ({ next: async () => ({}) }) };
    expect(await cause(any.flatMap(() => async).to(Out))).toContain('gave {}; expected { value, done }.');
    const other = await rejection(run(any.map(() => message(Side, { n: 1 })).to(Out), 1));
    expect(other.message).toMatch('It emits Out: add Side to emits, .to(Out, Side).');
  });
});

describe('a flow is refused', () => {
  const any = flow(Num) as any;
  it.each([
    ['a step without a function', () => any.map(), 'map(): expected a function, found undefined.'],
    ['inspect without a function', () => any.inspect({}), 'inspect(): expected a function, found'],
    ['an output that is none', () => any.to(Date), 'to(): expected a message class'],
    ['no output', () => any.to(), 'to(): expected the classes of the results, at least one'],
    ['a side stream that is none', () => any.tee(5, () => 1), 'tee(): expected a message class'],
    ['no number of calls', () => any.parallel(0, () => 1), 'parallel(): expected a whole number, at least 1, found 0.'],
    ['no size', () => any.batch({}), 'batch(): size is missing. Give { size }.'],
    ['a wrong size', () => any.batch({ size: 1.5 }), 'batch(): size: expected a whole number, at least 1, found 1.5.'],
    [
      'a wrong timeout',
      () => any.batch({ size: 1, timeoutMs: 0 }),
      'batch(): timeoutMs: expected a number of milliseconds',
    ],
    [
      'an unknown option',
      () => any.batch({ size: 1, timeout: 0 }),
      'batch() has no option "timeout". Did you mean timeoutMs?',
    ],
    [
      'tokens that are no list',
      () => flow(Num, { inject: Num as any }),
      'flow(): inject: expected an array of tokens, found the class Num.',
    ],
    ['an unknown option of flow', () => flow(Num, { emits: [] } as any), 'flow() has no option "emits".'],
  ])('%s', (_, make, text) => {
    expect(make).toThrow(text);
  });

  it('over an invalid source, when the mill is made', () => {
    const process = (flow as any)(Date).to(Out);
    expect(() => new WaterMill({ process, broker: new ScriptedBroker([]) })).toThrow(
      'the flow over Date: expected a join tree',
    );
  });

  it('without an end, when the mill is made', () => {
    const process = flow(Num).map((num) => num) as any;
    expect(() => new WaterMill({ process, broker: new ScriptedBroker([]) })).toThrow(
      'process: found a flow that is not finished. End it with .to(Result)',
    );
  });
});
