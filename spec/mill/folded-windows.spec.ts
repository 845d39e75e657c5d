import {
  BadMessage,
  countWindow,
  Field,
  field,
  foldWindow,
  hoppingWindow,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  Process,
  processFunction,
  sessionWindow,
  slidingWindow,
  tumblingWindow,
  WaterMill,
  WindowBounds,
} from 'watermill';

@Message()
class Reading {
  @Field() at!: number;
  @Field() sensor!: string;
  @Field() value!: number;
}

@Message()
class Weather {
  @Field() at!: number;
  @Field() icon!: string;
}

@Message()
class Text {
  @Field() text!: string;
}

const reading = (at: number, sensor: string, value = at): Reading => message(Reading, { at, sensor, value });
const readings = [reading(0, 'a'), reading(1, 'b'), reading(3, 'a'), reading(11, 'b'), reading(12, 'b')];
const at = field(Reading, 'at');
const sensor = field(Reading, 'sensor');
const minutes = tumblingWindow(Reading, at, { size: 10, by: sensor });
const icons = joinWith(Weather, { left: at, right: field(Weather, 'at') });

async function textsOf(
  source: any,
  show: (folded: any, ...more: any[]) => string,
  elements = readings,
  more: any = {},
) {
  const broker = new MemoryMessageBroker([[Reading, elements]]);
  const process = processFunction(
    source,
    { emits: [Text], ...more } as any,
    ((...args: [any]) => message(Text, { text: show(...args) })) as any,
  );
  await new WaterMill({ process, broker } as any).run();
  return broker.written(Text).map(({ text }) => text);
}

const ids = {
  initial: (by: unknown) => ({ by, list: [] as number[] }),
  add: (acc: { by: unknown; list: number[] }, { value }: Reading) => ({ ...acc, list: [...acc.list, value] }),
};
const shown = ({ by, list }: { by: unknown; list: number[] }): string => `${String(by)}: ${list.join(' ')}`;

describe('a folded window', () => {
  it('passes an accumulator, which knows its value', async () => {
    expect(await textsOf(foldWindow(minutes, ids), shown)).toEqual(['b: 1', 'a: 0 3', 'b: 11 12']);
  });

  it('does not need a value', async () => {
    const all = foldWindow(tumblingWindow(Reading, at, { size: 10 }), ids);
    expect(await textsOf(all, shown)).toEqual(['undefined: 0 1 3', 'undefined: 11 12']);
  });

  it.each<[what: string, window: any, expected: string[]]>([
    ['sessions', sessionWindow(Reading, at, { gap: 5, by: sensor }), ['b: 1', 'a: 0 3', 'b: 11 12']],
    ['sliding', slidingWindow(Reading, at, { size: 5, by: sensor }), ['a: 0', 'b: 1', 'a: 0 3', 'b: 11', 'b: 11 12']],
    [
      'hopping',
      hoppingWindow(Reading, at, { size: 10, every: 5, by: sensor }),
      ['b: 1', 'a: 0 3', 'b: 1', 'a: 0 3', 'b: 11 12', 'b: 11 12'],
    ],
    ['count', countWindow(Reading, { size: 2, by: sensor }), ['a: 0 3', 'b: 1 11', 'b: 12']],
  ])('of every kind: %s', async (_, window, expected) => {
    expect(await textsOf(foldWindow(window, ids as any), shown)).toEqual(expected);
  });

  it('passes Date values as Dates', async () => {
    const byDay = tumblingWindow(Reading, at, { size: 100, by: (each) => new Date(each.value) });
    const days = foldWindow(byDay, { initial: (day) => day.toISOString(), add: (acc) => acc });
    expect(await textsOf(days, String, [reading(1, 'a', 5)])).toEqual(['1970-01-01T00:00:00.005Z']);
  });

  it('may fold to a number, and has its borders', async () => {
    const sums = foldWindow(minutes, { initial: () => 0, add: (sum, { value }) => sum + value });
    const show = (sum: number, { start, end }: WindowBounds<number>) => `${sum} in ${start}-${end}`;
    expect(await textsOf(sums, show, readings, { inject: [WindowBounds] })).toEqual([
      '1 in 0-10',
      '3 in 0-10',
      '23 in 10-20',
    ]);
  });

  it('may change its accumulator and keep an element in it: accumulators are never shared', async () => {
    const firsts = {
      initial: () => undefined as (Reading & { seen?: number[] }) | undefined,
      // The first element is the accumulator, and is modified.
      add: (acc: (Reading & { seen?: number[] }) | undefined, each: Reading) => {
        const first: Reading & { seen?: number[] } = acc ?? each;
        first.seen ??= [];
        first.seen.push(each.value);
        return first;
      },
    };
    const show = ({ seen }: { seen: number[] }) => seen.join(' ');
    const elements = () => [reading(0, 'a'), reading(3, 'a'), reading(6, 'a')];
    const hopping = hoppingWindow(Reading, at, { size: 10, every: 5 });
    expect(await textsOf(foldWindow(hopping, firsts), show, elements())).toEqual(['0 3', '0 3 6', '6']);
    const sliding = slidingWindow(Reading, at, { size: 5 });
    expect(await textsOf(foldWindow(sliding, firsts), show, elements())).toEqual(['0', '0 3', '3 6']);
    const counts = countWindow(Reading, { size: 2, every: 1 });
    expect(await textsOf(foldWindow(counts, firsts), show, elements())).toEqual(['0 3', '3 6', '6']);
  });

  it('may start with a constant, which is not changed with its accumulators', async () => {
    const windows = [
      minutes,
      hoppingWindow(Reading, at, { size: 10, every: 5 }),
      slidingWindow(Reading, at, { size: 5 }),
    ];
    const constants = [{ sum: 0, of: [] }, [0], message(Reading, { at: 0, sensor: 'none', value: 0 })];
    for (const window of windows) {
      for (const constant of constants) {
        const add = (acc: any, { value }: Reading) => {
          if (Array.isArray(acc)) acc.push(value);
          else acc.sum = (acc.sum ?? 0) + value;
          acc.of?.push(value);
          return acc;
        };
        const folded = (initial: () => object) =>
          textsOf(foldWindow(window, { initial, add }), (acc) => JSON.stringify(acc));
        const before = JSON.stringify(constant);
        const expected = await folded(() => structuredClone(constant));
        expect(await folded(() => constant)).toEqual(expected);
        expect(JSON.stringify(constant)).toBe(before);
      }
    }
  });

  it('may start with a constant that has Maps and Sets, found by their keys', async () => {
    const key = {};
    const constant = new Map<unknown, any>([[key, { of: new Set<number>(), sums: new Map([['all', [0]]]) }]]);
    const show = (acc: typeof constant) => `${[...acc.get(key).of]} ${acc.get(key).sums.get('all')}`;
    const add = (acc: typeof constant, { value }: Reading) => {
      const { of, sums } = acc.get(key);
      of.add(value);
      sums.get('all')[0] += value;
      return acc;
    };
    const texts = await textsOf(foldWindow(minutes, { initial: () => constant, add }), show);
    expect(texts).toEqual(['1 1', '0,3 3', '11,12 23']);
    expect(show(constant)).toBe(' 0');
  });

  it('may start with a constant that has one Map or Set in two places', async () => {
    const values = new Set<number>();
    const sums = new Map<string, number>();
    const constant = { values, sums, all: [values, sums] as const };
    const show = ({ all }: typeof constant) => `${[...all[0]]} ${all[1].get('all')}`;
    const add = (acc: typeof constant, { value }: Reading) => {
      acc.values.add(value);
      acc.sums.set('all', (acc.sums.get('all') ?? 0) + value);
      return acc;
    };
    const texts = await textsOf(foldWindow(minutes, { initial: () => constant, add }), show);
    expect(texts).toEqual(['1 1', '0,3 3', '11,12 23']);
  });

  it('passes a copy of its value to initial, which may change it', async () => {
    const byTuple = tumblingWindow(Reading, at, { size: 10, by: ({ sensor }) => [sensor, 'x'] });
    const fold = {
      initial: (by: any) => ({ name: by.splice(0).join(), values: [] as number[] }),
      add: (acc: { name: string; values: number[] }, { value }: Reading) => ({
        ...acc,
        values: [...acc.values, value],
      }),
    };
    const texts = await textsOf(foldWindow(byTuple, fold), ({ name, values }) => `${name}: ${values.join(' ')}`);
    expect(texts).toEqual(['b,x: 1', 'a,x: 0 3', 'b,x: 11 12']);
  });

  it('folds the survivors of a join, with their groups', async () => {
    const tree = joinStreams(
      hoppingWindow(Reading, at, { size: 10, every: 5, by: sensor }),
      joinWith(Weather, { left: at, right: field(Weather, 'at'), asOf: 'backward' }),
    );
    const icons = foldWindow(tree, {
      initial: (by) => ({ by, icons: [] as string[] }),
      add: (acc, each, weather) => ({ ...acc, icons: [...acc.icons, `${each.at}${weather.first(each)?.icon}`] }),
    });
    const broker = new MemoryMessageBroker([
      [Reading, readings],
      [Weather, [message(Weather, { at: 1, icon: 'sun' }), message(Weather, { at: 4, icon: 'rain' })]],
    ]);
    const process = processFunction(icons, { emits: [Text] }, ({ by, icons }) =>
      message(Text, { text: `${by}: ${icons.join(' ')}` }),
    );
    const mill = new WaterMill({ process, broker });
    expect(mill.explain()).toContain('parameter 1: what the elements of the window were folded into');
    await mill.run();
    expect(broker.written(Text).map(({ text }) => text)).toEqual([
      'b: 1sun',
      'a: 3sun',
      'b: 1sun',
      'a: 3sun',
      'b: 11rain 12rain',
      'b: 11rain 12rain',
    ]);
  });

  it('may be passed to a method with a parameter of any type', async () => {
    const sums = foldWindow(minutes, {
      initial: (by) => ({ by, sum: 0 }),
      add: (acc, { value }) => ({ ...acc, sum: acc.sum + value }),
    });
    class Sums {
      @Process(sums, { emits: [Text] })
      total(folded: { by: string; sum: number }, { start }: WindowBounds<number>): Text {
        return message(Text, { text: `${folded.by} ${folded.sum} from ${start}` });
      }
    }
    const broker = new MemoryMessageBroker([[Reading, readings]]);
    await new WaterMill({ process: new Sums(), broker }).run();
    expect(broker.written(Text).map(({ text }) => text)).toEqual(['b 1 from 0', 'a 3 from 0', 'b 23 from 10']);
  });

  it('holds no elements, and reports it', () => {
    const broker = new MemoryMessageBroker([[Reading, []]]);
    const explain = (source: any) =>
      new WaterMill({ process: processFunction(source, {}, () => {}), broker }).explain();
    expect(explain(foldWindow(minutes, ids))).toContain(
      'in memory: an accumulator for each open window of each value of Reading.sensor, and no elements',
    );
    expect(explain(foldWindow(slidingWindow(Reading, at, { size: 5 }), ids))).toContain(
      'in memory: the elements of the last 5 of Reading.at, each once; they are folded again for each call',
    );
  });

  it('writes the accumulator of a call that fails as a dead letter', async () => {
    const broker = new MemoryMessageBroker([[Reading, readings]]);
    const process = processFunction(foldWindow(minutes, ids), { onError: { deadLetter: BadMessage } }, ({ by }) => {
      if (by === 'a') throw new Error('no a');
    });
    await new WaterMill({ process, broker }).run();
    const letters = broker.written(BadMessage);
    expect(letters).toMatchObject([
      { position: 0, raw: '{"by":"a","list":[0,3]}', error: expect.stringContaining('no a') },
    ]);
  });

  it.each<[what: string, fold: any, sentence: string]>([
    [
      'add throws',
      { initial: () => 0, add: (sum: number, { value }: Reading) => (value === 3 ? (null as any).x : sum) },
      'add threw: Cannot read',
    ],
    ['add returns nothing', { initial: () => 0, add: () => {} }, 'add returned nothing'],
    [
      'add returns a promise',
      { initial: () => 0, add: () => Promise.reject(new Error('late')) },
      'add returned a promise',
    ],
    [
      'initial returns a promise',
      { initial: () => Promise.reject(new Error('late')), add: (sum: unknown) => sum },
      'initial returned a promise',
    ],
    ['initial throws', { initial: () => (null as any).x, add: () => 0 }, 'initial threw: Cannot read'],
  ])('ends the run where %s', async (_, fold, sentence) => {
    const failure = textsOf(foldWindow(minutes, fold), String).catch((error) => error);
    expect(await failure).toMatchObject({
      code: 'WM_FOLD_FAILED',
      details: { message: 'Reading', stream: expect.any(String) },
    });
    expect((await failure).message).toContain(sentence);
    expect((await failure).message).toContain('at position');
  });

  it.each<[what: string, source: unknown]>([
    ['tumbling', tumblingWindow(Reading, at, { size: 10 })],
    ['tumbling, over a join', joinStreams(tumblingWindow(Reading, at, { size: 10 }), icons)],
    ['sliding', slidingWindow(Reading, at, { size: 5 })],
    ['sliding, over a join', joinStreams(slidingWindow(Reading, at, { size: 5 }), icons)],
    ['hopping', hoppingWindow(Reading, at, { size: 20, every: 10 })],
    ['hopping, over a join', joinStreams(hoppingWindow(Reading, at, { size: 20, every: 10 }), icons)],
    ['session, over a join', joinStreams(sessionWindow(Reading, at, { gap: 5 }), icons)],
    ['count by value, over a join', joinStreams(countWindow(Reading, { size: 2, by: sensor }), icons)],
  ])('loses no element at which a fold failed: %s', async (_, source) => {
    const elements = [0, 1, 10, 20, 21, 40].map((time) => reading(time, 'a'));
    const runAll = async (failsAt: readonly number[]): Promise<string[]> => {
      const broker = new MemoryMessageBroker([
        [Reading, elements],
        [Weather, elements.map((one) => message(Weather, { at: one.at, icon: '' }))],
      ]);
      for (const failing of [...failsAt, undefined]) {
        const add = (list: number[], { value }: Reading): number[] => {
          if (value === failing) throw new Error('not now');
          return [...list, value];
        };
        const process = processFunction(
          foldWindow(source as any, { initial: () => [] as number[], add: add as any }),
          { emits: [Text] },
          (list) => message(Text, { text: String(list) }),
        );
        const run = new WaterMill({ process, broker }).run();
        if (failing === undefined) await run;
        else expect(await run.catch((error) => error)).toMatchObject({ code: 'WM_FOLD_FAILED' });
      }
      return broker.written(Text).map(({ text }) => text);
    };
    const expected = await runAll([]);
    for (const { value } of elements) expect(await runAll([value])).toEqual(expected);
    expect(await runAll(elements.map(({ value }) => value))).toEqual(expected);
  });

  it.each<[what: string, make: () => unknown, code: string, sentence: string]>([
    ['a class', () => foldWindow(Reading as any, ids as any), 'WM_WINDOW', 'not the class Reading'],
    [
      'a tree without a window',
      () => foldWindow(joinStreams(Reading) as any, ids as any),
      'WM_WINDOW',
      'not a tree without a window',
    ],
    ['no add', () => foldWindow(minutes, { initial: () => 0 } as any), 'WM_WINDOW', 'add must be a function'],
    [
      'an async add',
      () => foldWindow(minutes, { initial: () => 0, add: async () => 0 } as any),
      'WM_WINDOW',
      'not an async function',
    ],
    [
      'another option',
      () => foldWindow(minutes, { ...ids, merge: () => 0 } as any),
      'WM_WINDOW',
      'has no option "merge"',
    ],
    [
      'a join of it',
      () => joinStreams(foldWindow(minutes, ids) as any),
      'WM_TREE',
      'a folded window holds no elements to join by',
    ],
  ])('refuses %s', (_, make, code, sentence) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) }));
  });
});
