import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type BatchRequest,
  CustomMessageBroker,
  EndOfStream,
  every,
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  type SourceRequest,
  WaterMill,
} from 'watermill';
import { rejection } from '../../mill/support/rejection.js';
import { Item } from '../../support/items.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { settled, until, VirtualClock } from '../../support/virtual-clock.js';

@Message()
class Other {
  @Field() n!: number;
}

@Message()
class Tick {
  @Field() at!: Date;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const folder = directory.newPath;

const items = (count: number, from = 0): { n: number }[] => Array.from({ length: count }, (_, i) => ({ n: from + i }));

/** A mill over one source, whose calls record their elements. */
function millOf(
  source: unknown,
  {
    options,
    progress,
    broker: more,
    ...mill
  }: { options?: object; progress?: string; broker?: object; [name: string]: unknown } = {},
  call: (item: Item) => unknown = () => {},
) {
  const seen: number[] = [];
  const broker = new CustomMessageBroker<any, any>({
    sources: [[Item, source, ...(options === undefined ? [] : [options])]] as never,
    ...(progress !== undefined && { progress }),
    ...more,
  });
  const process = processFunction(Item, { emits: [] }, (item) => {
    seen.push(item.n);
    call(item);
  });
  return { seen, mill: new WaterMill({ process, broker, ...mill }) };
}

describe('a source', () => {
  it.each<[string, () => unknown]>([
    ['an array', () => items(3)],
    ['a generator', () => items(3).values()],
    ['a Set', () => new Set(items(3))],
    [
      'an async generator',
      () =>
        (async function* () {
          yield* items(3);
        })(),
    ],
    ['a function that gives an array', () => () => items(3)],
    [
      'a function that gives a promise of an async iterable',
      () => async () =>
        (async function* () {
          yield* items(3);
        })(),
    ],
    ['what ends with an EndOfStream', () => [...items(3), new EndOfStream(), { n: 9 }]],
    [
      'a batch source',
      () => ({
        read: ({ after = 0 }: BatchRequest<number>) => ({
          data: after === 0 ? items(3) : [new EndOfStream()],
          to: after + 1,
        }),
      }),
    ],
  ])('may be %s', async (_, source) => {
    const { seen, mill } = millOf(source());
    const report = await mill.run();
    expect(seen).toEqual([0, 1, 2]);
    expect(report.ended).toBe('master ended');
  });

  it('is pulled at most one batch ahead of the calls', async () => {
    let asked = 0;
    let done = 0;
    let furthest = 0;
    async function* endless() {
      for (;;) yield { n: asked++ };
    }
    const { mill } = millOf(endless(), {}, () => {
      furthest = Math.max(furthest, asked - done);
      if (++done === 10_000) void mill.stop();
    });
    await mill.run();
    expect(furthest).toBeLessThanOrEqual(2_050);
  });

  it.each<[string, object]>([
    ['without progress', {}],
    ['between two commits', { progress: 'folder', commitEvery: { elements: 1_000_000 } }],
  ])('releases processed values: %s', async (_, { progress, ...options }: { progress?: string }) => {
    const first: WeakRef<object>[] = [];
    async function* source() {
      for (let n = 0; n < 20_000; n++) {
        const item = message(Item, { n });
        if (n < 1_000) first.push(new WeakRef(item));
        yield item;
      }
      await settled();
      collect();
      held = first.filter((ref) => ref.deref() !== undefined).length;
    }
    let held = Number.NaN;
    const elements: WeakRef<object>[] = [];
    const kept = progress === undefined ? {} : { progress: folder() };
    await millOf(
      () => source(),
      { ...kept, ...options },
      (item) => {
        if (elements.length < 1_000) elements.push(new WeakRef(item));
      },
    ).mill.run();
    collect();
    expect(held).toBeLessThan(10);
    expect(elements.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(10);
  });

  it('passes on arrived values while it waits for more', async () => {
    let more = (_: unknown): void => {};
    async function* slow() {
      yield { n: 0 };
      yield { n: 1 };
      await new Promise((resolve) => (more = resolve));
      yield { n: 2 };
    }
    const { seen, mill } = millOf(slow());
    const run = mill.run();
    await until(() => seen.length === 2);
    await settled();
    expect(seen).toEqual([0, 1]);
    more(undefined);
    await run;
    expect(seen).toEqual([0, 1, 2]);
  });

  it('has its values converted by a deserializer', async () => {
    const { seen, mill } = millOf(['4', '5'], { options: { deserializer: (text: string) => ({ n: Number(text) }) } });
    await mill.run();
    expect(seen).toEqual([4, 5]);
  });

  it('with two classes is one stream', async () => {
    const source = items(3);
    const broker = new CustomMessageBroker({ sources: [[Item, source]] });
    const other = new CustomMessageBroker({ sources: [[Item, source]] });
    expect(broker.streamOf(Item)?.id).not.toBe(other.streamOf(Item)?.id);
  });
});

describe('a function source', () => {
  /** A source of numbers that records its calls. */
  function recorded(count: number) {
    const calls: unknown[] = [];
    const source = async function* ({ after = -1, signal }: SourceRequest<number>) {
      calls.push(after);
      for (let n = after + 1; n < count; n++) {
        if (signal.aborted) return;
        yield { n };
      }
    };
    return { calls, source };
  }

  it.each([1, 2, 1023, 1024, 1025, 3000])(
    'goes on behind the last element that is done with: stopped at %d',
    async (at) => {
      const progress = folder();
      const { calls, source } = recorded(3_100);
      const first = millOf(source, { progress }, ({ n }) => n === at - 1 && void first.mill.stop());
      await first.mill.run();
      const second = millOf(source, { progress });
      await second.mill.run();
      expect(calls).toEqual([-1, first.seen.length - 1]);
      expect([...first.seen, ...second.seen]).toEqual(items(3_100).map(({ n }) => n));
    },
  );

  it('is called with the result of `offset` for a value', async () => {
    const progress = folder();
    const calls: unknown[] = [];
    const source = ({ after }: SourceRequest) => {
      calls.push(after);
      return items(10).filter(({ n }) => after === undefined || n > after.row);
    };
    const options = { offset: ({ n }: Item) => ({ row: n }) };
    const first = millOf(source, { progress, options }, ({ n }) => {
      if (n === 6) throw new Error('no');
    });
    await rejection(first.mill.run());
    const second = millOf(source, { progress, options });
    await second.mill.run();
    expect(calls).toEqual([undefined, { row: 5 }]);
    expect(second.seen).toEqual([6, 7, 8, 9]);
  });

  it.each([1_024, 1_025])(
    'is told the offset before a batch where nothing of it is done with: failed at %d',
    async (at) => {
      const progress = folder();
      const calls: unknown[] = [];
      const source = ({ after = -1 }: SourceRequest<number>) => {
        calls.push(after);
        return items(3_000)
          .filter(({ n }) => n > after)
          [Symbol.iterator]();
      };
      const options = { offset: ({ n }: Item) => n };
      const first = millOf(source, { progress, options }, ({ n }) => {
        if (n === at) throw new Error('no');
      });
      await rejection(first.mill.run());
      await millOf(source, { progress, options }).mill.run();
      expect(calls).toEqual([-1, at - 1]);
    },
  );

  it('may emit the same object repeatedly and change it in between', async () => {
    async function* reused() {
      const item = { n: 0 };
      for (; item.n < 5; item.n++) yield item;
    }
    const { seen, mill } = millOf(() => reused());
    await mill.run();
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it.each<[string, (item: Item) => unknown, RegExp]>([
    ['undefined', () => undefined, /found undefined/],
    ['a bigint', ({ n }) => BigInt(n), /the bigint 0n.*String\(value\)/],
    ['a Date', () => new Date(0), /a Date, which JSON turns into text: use value.toISOString/],
    ['NaN', () => Number.NaN, /the number NaN/],
    ['the same twice', () => 'here', /expected an offset other than the one before, found "here" again/],
  ])('needs offsets that are JSON and unique: not %s', async (_, offset, sentence) => {
    const { mill } = millOf(() => items(3), { options: { offset } });
    const error = await rejection(mill.run());
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain('The source of Item');
  });

  it('that throws fails the mill after all earlier values, naming stream and position', async () => {
    const progress = folder();
    const source = async function* ({ after = -1 }: SourceRequest<number>) {
      for (let n = after + 1; n < 5; n++) yield { n };
      if (after < 0) throw new Error('connection reset');
    };
    const first = millOf(source, { progress });
    const error = await rejection(first.mill.run());
    expect(error.code).toBe('WM_INPUT_FAILED');
    expect(error.message).toContain('The source of Item failed where element 5 was expected: connection reset.');
    expect(error.details).toMatchObject({ stream: 'the source of Item', position: 5 });
    expect(first.seen).toEqual([0, 1, 2, 3, 4]);
    const second = millOf(source, { progress });
    await second.mill.run();
    expect(second.seen).toEqual([]);
  });

  it.each<[string, (attempt: number) => unknown]>([
    [
      'a function',
      (attempt) => {
        if (attempt > 1 && attempt < 10) throw new Error('down');
        return (async function* () {
          yield { n: attempt };
          if (attempt === 1) throw new Error('reset');
          if (attempt > 10) yield new EndOfStream();
        })();
      },
    ],
    [
      'a batch source',
      (attempt) => {
        if (attempt > 1 && attempt < 10) throw new Error('down');
        if (attempt > 10) return { data: [new EndOfStream()], to: attempt };
        return { data: [{ n: attempt }], to: attempt };
      },
    ],
  ])('that fails is not silent: %s does not end by `dataTimeoutMs`', async (kind, answer) => {
    const clock = new VirtualClock();
    let attempts = 0;
    const next = () => answer(++attempts);
    const source = kind === 'a function' ? (_: SourceRequest<number>) => next() : { read: () => next() };
    const options = { retries: { max: 20, delayMs: 500 } };
    const { seen, mill } = millOf(source, { options, clock, broker: { dataTimeoutMs: 1_000 } });
    const run = mill.run();
    for (let i = 0; i < 9; i++) await clock.advance(500);
    expect(seen).toEqual([1, 10]);
    await mill.stop();
    expect((await run).ended).not.toBe('timeout');
  });

  it('is called again by `retries`, after the last element that it emitted', async () => {
    const clock = new VirtualClock();
    const calls: unknown[] = [];
    const source = async function* ({ after = -1 }: SourceRequest<number>) {
      calls.push(after);
      for (let n = after + 1; n < 6; n++) {
        yield { n };
        if (n % 2 === 1) throw new Error('reset');
      }
    };
    const { seen, mill } = millOf(source, { options: { retries: { max: 1, delayMs: 500 } }, clock });
    const run = mill.run();
    for (let i = 0; i < 3; i++) await clock.advance(500);
    await run;
    expect(calls).toEqual([-1, 1, 3, 5]);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('fails when its retries in a row are exhausted', async () => {
    const clock = new VirtualClock();
    let calls = 0;
    const source = () => {
      calls++;
      throw new Error('no route');
    };
    const { mill } = millOf(source, { options: { retries: { max: 2, delayMs: 500 } }, clock });
    const failure = rejection(mill.run());
    await clock.advance(500);
    await clock.advance(500);
    expect((await failure).message).toContain('The source of Item failed when it was called: no route.');
    expect(calls).toBe(3);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', () => undefined, /found undefined/],
    ['a text', () => 'abc', /found "abc"/],
    ['an iterator whose next() gives a number', () => ({ [Symbol.iterator]: () => ({ next: () => 7 }) }), /found 7\./],
    ['promises', () => [Promise.resolve({ n: 1 })], /found a promise/],
  ])('that returns %s is refused', async (_, source, sentence) => {
    const error = await rejection(millOf(source).mill.run());
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toMatch(sentence);
  });
});

describe('a step of an iterator is read as by `for await`:', () => {
  it.each([Symbol.iterator, Symbol.asyncIterator])('each getter once, `done` first (%s)', async (kind) => {
    const log: string[] = [];
    const left = items(3);
    const step = {
      get done() {
        log.push('done');
        return left.length === 0;
      },
      get value() {
        log.push('value');
        return left.shift();
      },
    };
    const { seen, mill } = millOf(() => ({ [kind]: () => ({ next: () => step }) }));
    await mill.run();
    expect(seen).toEqual([0, 1, 2]);
    expect(log).toEqual(['done', 'value', 'done', 'value', 'done', 'value', 'done']);
  });

  it('any truthy `done` ends the stream', async () => {
    const left = items(2);
    const next = () => (left.length === 0 ? { done: 1 } : { value: left.shift() });
    const { seen, mill } = millOf(() => ({ [Symbol.asyncIterator]: () => ({ next }) }));
    await mill.run();
    expect(seen).toEqual([0, 1]);
  });
});

describe('the iterator of a source is closed, after its signal is aborted,', () => {
  function watched() {
    const log: string[] = [];
    const source = ({ signal }: SourceRequest) => {
      signal.addEventListener('abort', () => log.push('aborted'));
      let n = 0;
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: { n: n++ } }),
          return: async () => {
            log.push('returned');
            return { done: true, value: undefined };
          },
        }),
      };
    };
    return { log, source };
  }

  it('when the mill is stopped', async () => {
    const { log, source } = watched();
    const { mill } = millOf(source, {}, ({ n }) => n === 3 && void mill.stop());
    await mill.run();
    expect(log).toEqual(['aborted', 'returned']);
  });

  it('when a call fails', async () => {
    const { log, source } = watched();
    const { mill } = millOf(source, {}, () => {
      throw new Error('no');
    });
    await rejection(mill.run());
    expect(log).toEqual(['aborted', 'returned']);
  });

  it('when the process function ends the stream', async () => {
    const { log, source } = watched();
    const broker = new CustomMessageBroker<any, any>({ sources: [[Item, source]] as never });
    await new WaterMill({ process: processFunction(Item, { emits: [] }, () => new EndOfStream()), broker }).run();
    expect(log).toEqual(['aborted', 'returned']);
  });

  it('when the source emits the end of the stream', async () => {
    let closed = 0;
    async function* source() {
      try {
        yield { n: 1 };
        yield new EndOfStream();
        yield { n: 2 };
      } finally {
        closed++;
      }
    }
    const { seen, mill } = millOf(source());
    await mill.run();
    expect(seen).toEqual([1]);
    expect(closed).toBe(1);
  });

  it('when the mill stops while the data of a batch are iterated', async () => {
    let yielded = 0;
    let mill!: WaterMill<any>;
    const isClosed = new Promise<void>((resolve) => {
      async function* data() {
        try {
          for (; yielded < 100; yielded++) {
            if (yielded === 3) await mill.stop();
            yield { n: yielded };
          }
        } finally {
          resolve();
        }
      }
      mill = millOf({ read: async () => ({ data: data(), to: 1 }) }).mill;
    });
    await mill.run();
    await isClosed;
    expect(yielded).toBe(3);
  });

  it.each([undefined, { max: 3, delayMs: 1 }])(
    'when a value cannot be copied, which is not retried: retries %j',
    async (retries) => {
      const log: string[] = [];
      const broken = new Proxy(
        {},
        {
          get() {
            throw new Error('its row is gone');
          },
        },
      );
      function* source({ after = -1 }: SourceRequest<number>) {
        log.push('opened');
        try {
          yield* [{ n: 0 }, broken].slice(after + 1);
        } finally {
          log.push('closed');
        }
      }
      const broker = new CustomMessageBroker<any, any>({
        sources: [[Item, source, { ...(retries && { retries }) }]] as never,
      });
      const mill = new WaterMill({ process: processFunction(Item, { emits: [] }, () => {}), broker });
      expect(await rejection(mill.run())).toMatchObject({
        code: 'WM_INPUT_FAILED',
        message: expect.stringContaining('The source of Item failed when element 1 was copied: its row is gone.'),
      });
      expect(log).toEqual(['opened', 'closed']);
    },
  );

  it('before the run is over, also if that of another source fails when it is closed', async () => {
    const log: string[] = [];
    const source = (ends: () => Promise<unknown>) => {
      let n = 0;
      const iterator = { next: async () => ({ done: false, value: { n: n++ } }), return: ends };
      return { [Symbol.asyncIterator]: () => iterator };
    };
    const failing = source(() => Promise.reject(new Error('cannot end')));
    const slow = source(async () => {
      await settled();
      log.push('ended');
      return { done: true, value: undefined };
    });
    const tree = joinStreams(Item, joinWith(Other, { left: field(Item, 'n'), right: field(Other, 'n') }));
    const broker = new CustomMessageBroker<any, any>({
      sources: [
        [Item, failing],
        [Other, slow],
      ] as never,
    });
    const process = processFunction(tree, { emits: [] }, ({ n }) => {
      if (n === 3) void mill.stop();
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    expect((await rejection(mill.run())).message).toContain('cannot end');
    expect(log).toEqual(['ended']);
  });

  it('and it is an error if it does not end', async () => {
    const clock = new VirtualClock();
    async function* deaf() {
      yield { n: 0 };
      await new Promise(() => {});
    }
    const { seen, mill } = millOf(deaf(), { clock });
    const failure = rejection(mill.run());
    await until(() => seen.length === 1);
    void mill.stop();
    await clock.advance(5_000);
    const error = await failure;
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toContain('Listen to `signal`');
  });

  it('and it is an error if closing fails', async () => {
    async function* source() {
      try {
        for (let n = 0; ; n++) yield { n };
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what a careless source does
        throw new Error('cannot close');
      }
    }
    const { mill } = millOf(source(), {}, ({ n }) => n === 3 && void mill.stop());
    expect((await rejection(mill.run())).message).toContain(
      'The source of Item failed when it was closed: cannot close',
    );
  });
});

describe('an iterable', () => {
  it('is read again from its beginning by another process, which skips processed values', async () => {
    const progress = folder();
    const first = millOf(items(10).values(), { progress }, ({ n }) => n === 3 && void first.mill.stop());
    await first.mill.run();
    const second = millOf(items(10).values(), { progress });
    await second.mill.run();
    expect(second.seen).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('with fewer elements than were read is an error', async () => {
    const progress = folder();
    const first = millOf(items(10), { progress }, ({ n }) => n === 7 && void first.mill.stop());
    await first.mill.run();
    const error = await rejection(millOf(items(5), { progress }).mill.run());
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toContain(
      'expected the 8 elements that an earlier run has read, and more, found an end 3 elements before',
    );
  });

  it('may have offsets: other elements than before are an error when it is read again', async () => {
    const progress = folder();
    const options = { offset: ({ n }: Item) => ({ n }) };
    const first = millOf(items(10), { progress, options }, ({ n }) => n === 3 && void first.mill.stop());
    await first.mill.run();
    const error = await rejection(millOf(items(10, 1), { progress, options }).mill.run());
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toContain(
      'expected the element whose offset is { n: 3 } as number 4 of it, found one whose offset is { n: 4 }',
    );
    const again = millOf(items(10), { progress, options });
    await again.mill.run();
    expect(again.seen).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('that cannot start over is not read a second time', async () => {
    const broker = new CustomMessageBroker({ sources: [[Item, items(10).values()]] });
    const process = processFunction(Item, { emits: [] }, () => {});
    await new WaterMill({ process, broker }).run();
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toContain('a generator that was read before');
  });
});

describe('a batch source', () => {
  /** A source of up to three numbers per batch, which records the requested bounds. */
  function numbers(count: number) {
    const asked: unknown[] = [];
    const read = ({ after = 0, to }: BatchRequest<number>) => {
      asked.push([after, to]);
      if (to === undefined && after === count) return { data: [new EndOfStream()], to: after + 1 };
      const end = to ?? Math.min(after + 3, count);
      return { data: items(end - after, after), to: end };
    };
    return { asked, source: { read } };
  }

  it.each([3, 4])('is asked for exactly the batch in which a run was interrupted: at %d', async (at) => {
    const progress = folder();
    const { asked, source } = numbers(10);
    const first = millOf(source, { progress }, ({ n }) => {
      if (n === at) throw new Error('no');
    });
    await rejection(first.mill.run());
    const second = millOf(source, { progress });
    await second.mill.run();
    expect(second.seen).toEqual(items(10 - at, at).map(({ n }) => n));
    expect(asked.filter((bounds) => (bounds as unknown[])[1] !== undefined)).toEqual([[3, 6]]);
  });

  it('is asked for it again if the second run is interrupted as well', async () => {
    const progress = folder();
    const { source } = numbers(10);
    const seen: number[] = [];
    for (const at of [4, 5, -1]) {
      const run = millOf(source, { progress }, ({ n }) => {
        if (n === at) throw new Error('no');
        seen.push(n);
      });
      await run.mill.run().catch(() => {});
    }
    expect(seen).toEqual(items(10).map(({ n }) => n));
  });

  it.each([0, 2])(
    'that has ended after %d elements is asked for its end again where the run continues',
    async (count) => {
      const progress = folder();
      const asked: unknown[] = [];
      const source = {
        read({ after, to }: BatchRequest<number>) {
          asked.push([after, to]);
          return after === undefined ? { data: [...items(count), new EndOfStream()], to: 1 } : undefined;
        },
      };
      @Message()
      class Other {
        @Field() n!: number;
      }
      const tree = joinStreams(
        Other,
        joinWith(Item, { left: field(Other, 'n'), right: field(Item, 'n'), kind: 'left' }),
      );
      const seen: number[] = [];
      const run = (until: number) => {
        const process = processFunction(tree, { emits: [] }, ({ n }, found) => {
          if (n === until) throw new Error('no');
          seen.push(found.of(found.keys().next().value!).length);
        });
        const sources = [
          [Other, items(6)],
          [Item, source],
        ] as const;
        const broker = new CustomMessageBroker({ sources, progress });
        return new WaterMill({ process, broker, commitEvery: { elements: 1 } }).run();
      };
      await rejection(run(4));
      expect((await run(-1)).ended).toBe('master ended');
      expect(seen).toEqual(items(6).map(({ n }) => (n < count ? 1 : 0)));
      expect(asked.at(-1)).toEqual([undefined, 1]);
    },
  );

  it('is asked again while it has no elements', async () => {
    const clock = new VirtualClock();
    let reads = 0;
    const source = { read: () => (++reads < 3 ? undefined : { data: [...items(1), new EndOfStream()], to: 1 }) };
    const { seen, mill } = millOf(source, { clock });
    const run = mill.run();
    await clock.advance(500);
    await run;
    expect([reads, seen]).toEqual([3, [0]]);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /expected exactly what follows 3 up to 6, found nothing/],
    ['less', { data: items(2, 3), to: 5 }, /expected exactly what follows 3 up to 6, found one up to 5/],
    ['more', { data: items(4, 3), to: 7 }, /found one up to 7/],
    ['fewer elements', { data: [], to: 6 }, /found one of 0 elements, which had 3 when it was read before/],
  ])('must repeat a batch unchanged: not %s', async (_, answer, sentence) => {
    const progress = folder();
    const { source } = numbers(10);
    const first = millOf(source, { progress }, ({ n }) => {
      if (n === 4) throw new Error('no');
    });
    await rejection(first.mill.run());
    const error = await rejection(millOf({ read: () => answer }, { progress }).mill.run());
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toMatch(sentence);
    expect(error.details.position).toBe(4);
  });

  it('may reuse its array and its objects for the next batch', async () => {
    const rows = items(3_000);
    const source = {
      read({ after = 0 }: BatchRequest<number>) {
        if (after === 9_000) return { data: [new EndOfStream()], to: after + 1 };
        for (const [i, row] of rows.entries()) row.n = after + i;
        return { data: rows, to: after + rows.length };
      },
    };
    const { seen, mill } = millOf(source, {}, ({ n }) => {
      if (n % 3_000 === 0) rows.reverse();
    });
    await mill.run();
    expect(seen).toEqual(items(9_000).map(({ n }) => n));
  });

  it('may yield one object repeatedly within a batch', async () => {
    async function* reused() {
      const item = { n: 0 };
      for (; item.n < 5; item.n++) yield item;
      yield new EndOfStream();
    }
    const { seen, mill } = millOf({ read: () => ({ data: reused(), to: 5 }) });
    await mill.run();
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it.each<[string, unknown, RegExp]>([
    ['ends where it began', { data: items(1), to: 0 }, /expected a batch that ends after 0, found one up to 0/],
    ['is no batch', [1, 2], /expected a batch \{ data, to \}, found \[1, 2\]/],
    ['has no iterable', { data: 5, to: 1 }, /expected data that can be iterated, found 5\./],
    ['has an offset that is no JSON', { data: [], to: 1n }, /the bigint 1n/],
  ])('is refused if a batch %s', async (_, answer, sentence) => {
    let reads = 0;
    const source = { read: () => (reads++ === 0 ? { data: [], to: 0 } : answer) };
    expect((await rejection(millOf(source).mill.run())).message).toMatch(sentence);
  });
});

describe('every', () => {
  const ticksOf = (clock: VirtualClock, options: object, progress?: string) => {
    const at: number[] = [];
    const broker = new CustomMessageBroker({
      sources: [[Tick, every(1_000, (date) => message(Tick, { at: date }), options)]],
      ...(progress !== undefined && { progress }),
    });
    const process = processFunction(Tick, { emits: [] }, (tick) => void at.push(tick.at.getTime()));
    return { at, mill: new WaterMill({ process, broker, clock, commitEvery: { elements: 1 } }) };
  };

  it.each([
    [{}, 'the last'],
    [{ missed: 'all' }, 'all'],
  ] as const)('is where the clock has a say: %o', (options, missed) => {
    const words = ticksOf(new VirtualClock(), options).mill.explain();
    expect(words).toContain('Not reproducible: the clock affects the results in 1 place:');
    expect(words).toContain(`\n  Tick arrives every 1000 ms, of missed ticks ${missed}\n`);
  });

  it('must not return a promise', async () => {
    const clock = new VirtualClock();
    const { mill } = millOf(
      every(10, async () => ({ n: 1 })),
      { clock },
    );
    const failed = rejection(mill.run());
    await clock.advance(10);
    expect(await failed).toMatchObject({
      code: 'WM_SOURCE_PROTOCOL',
      message: expect.stringContaining('at element 0: expected an element, found a promise'),
    });
  });

  it('refuses an unknown option', () => {
    expect(() => every(1, () => ({}), { mised: 'all' } as object)).toThrow(
      'every() has no option "mised". Did you mean missed?',
    );
  });

  it('emits one tick per interval, the first one interval after the start', async () => {
    const clock = new VirtualClock();
    const { at, mill } = ticksOf(clock, {});
    const started = Date.now();
    const run = mill.run();
    await clock.advance(999);
    expect(at).toEqual([]);
    for (let i = 0; i < 3; i++) await clock.advance(1_000);
    await mill.stop();
    await run;
    expect(at).toHaveLength(3);
    expect(at.map((time) => time - at[0]!)).toEqual([0, 1_000, 2_000]);
    expect(at[0]! - 1_000).toBeGreaterThanOrEqual(started);
  });

  it.each([
    ['only the last', {}, [1, 4]],
    ['each', { missed: 'all' }, [1, 2, 3, 4]],
  ] as const)('gives %s of the ticks that a slow call missed', async (_, options, expected) => {
    const clock = new VirtualClock();
    let release = (): void => {};
    const at: number[] = [];
    const broker = new CustomMessageBroker({
      sources: [[Tick, every(1_000, (date) => message(Tick, { at: date }), options)]],
    });
    const process = processFunction(Tick, { emits: [] }, async (tick) => {
      at.push(tick.at.getTime());
      if (at.length === 1) await new Promise<void>((resolve) => (release = resolve));
    });
    const mill = new WaterMill({ process, broker, clock });
    const run = mill.run();
    await clock.advance(1_000);
    await clock.advance(3_400);
    release();
    await until(() => at.length === expected.length);
    await mill.stop();
    await run;
    expect(at.map((time) => Math.round((time - at[0]!) / 1_000) + 1)).toEqual(expected);
  });

  it('continues the ticks of the first start', async () => {
    const progress = folder();
    const clock = new VirtualClock();
    const first = ticksOf(clock, { missed: 'all' }, progress);
    const run = first.mill.run();
    await until(() => clock.pending > 0);
    for (const ticks of [1, 2]) {
      await clock.advance(1_000);
      await until(() => first.at.length === ticks);
    }
    await first.mill.stop();
    await run;
    const later = new VirtualClock();
    const second = ticksOf(later, { missed: 'all' }, progress);
    const again = second.mill.run();
    await until(() => later.pending > 0);
    // Real time has hardly passed, so the third tick is due in three seconds.
    for (let i = 0; i < 3; i++) await later.advance(1_000);
    await until(() => second.at.length > 0);
    await second.mill.stop();
    await again;
    expect(second.at.map((time) => time - first.at[1]!)).toEqual([1_000]);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])('refuses the interval %d', (ms) => {
    expect(() => every(ms, () => ({}))).toThrow('expected a whole number of milliseconds');
  });
});

describe('an entry', () => {
  it.each<[string, object, string]>([
    ['no list', { sources: 5 }, 'an array of [Class, source]'],
    ['no pair', { sources: [Item] }, 'a pair [Class, source]'],
    ['no source', { sources: [[Item, 5]] }, 'an iterable, an async iterable, a function'],
    [
      'a class twice',
      {
        sources: [
          [Item, []],
          [Item, []],
        ],
      },
      'one entry per class',
    ],
    ['a class as source and sink', { sources: [[Item, []]], sinks: [[Item, () => {}]] }, 'one entry per class'],
    [
      'an unknown option',
      { sources: [[Item, [], { offsets: 1 }]] },
      'The source of Item of CustomMessageBroker has no option "offsets". Did you mean offset?',
    ],
    [
      'an offset of a timer',
      { sources: [[Item, every(1, (n) => ({ n: +n })), { offset: () => 1 }]] },
      'a function or an iterable',
    ],
    [
      'an offset of a batch source',
      { sources: [[Item, { read() {} }, { offset: () => 1 }]] },
      'a function or an iterable',
    ],
    ['retries of an iterable', { sources: [[Item, [], { retries: { max: 1 } }]] }, 'a function or a batch source'],
    ['retries that are none', { sources: [[Item, () => [], { retries: 3 }]] }, '{ max, delayMs }'],
    [
      'retries with a wrong name',
      { sources: [[Item, () => [], { retries: { max: 1, delay: 5 } }]] },
      'The option \'retries\' of the source of Item of CustomMessageBroker has no option "delay". Did you mean delayMs?',
    ],
    ['missed of no timer', { sources: [[Item, [], { missed: 'all' }]] }, 'a timer as the source'],
    ['no sink', { sinks: [[Item, 5]] }, 'a function, a batch sink { write, end }, or a Writable'],
    [
      'a serializer of a function',
      { sinks: [[Item, () => {}, { serializer: () => 1 }]] },
      'functions and batch sinks get elements',
    ],
    [
      'an unknown option of a sink',
      { sinks: [[Item, () => {}, { serialiser: () => 1 }]] },
      'The sink of Item of CustomMessageBroker has no option "serialiser". Did you mean serializer?',
    ],
    ['a batch sink whose end is none', { sinks: [[Item, { write() {}, end: 1 }]] }, 'a batch sink { write, end }'],
    [
      'an unknown option of the broker',
      { source: [] },
      'CustomMessageBroker has no option "source". Did you mean sources?',
    ],
    ['progress that is no path', { progress: '' }, 'the path of a folder'],
  ])('is refused: %s', (_, options, sentence) => {
    expect(() => new CustomMessageBroker(options as never)).toThrow(sentence);
  });

  it('that is a sink cannot be read', async () => {
    const broker = new CustomMessageBroker({ sinks: [[Item, () => {}]] });
    const mill = new WaterMill({ process: processFunction(Item, { emits: [] }, () => {}), broker });
    expect((await rejection(mill.run())).message).toContain('has a sink for Item, and the mill needs a source');
  });

  it('that is a source cannot be written', async () => {
    const broker = new CustomMessageBroker({ sources: [[Item, []]] });
    const process = processFunction(Tick, { emits: [Item] }, () => message(Item, { n: 1 }));
    const ticks = new MemoryMessageBroker([[Tick, []]]);
    const mill = new WaterMill({ process, broker: ticks, outputBroker: broker });
    expect((await rejection(mill.run())).message).toContain('has a source for Item, and the mill needs a sink');
  });
});
