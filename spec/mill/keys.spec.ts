import {
  countWindow,
  Field,
  field,
  hoppingWindow,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  sessionWindow,
  slidingWindow,
  tumblingWindow,
  tuple,
  WaterMill,
  WindowBounds,
  window,
} from 'watermill';
import { rejection } from './support/rejection.js';

@Message()
class At {
  @Field() at!: Date;
}

@Message()
class Row {
  @Field(() => Object) k!: any;
  @Field(() => Object, { optional: true }) l?: any;
}

@Message()
class Tick {
  @Field() t!: number;
}

@Message()
class Quote {
  @Field() t!: number;
}

@Message()
class Day {
  @Field() at!: Date;
}

@Message()
class Late {
  @Field(() => Object) k!: any;
  @Field(() => Object, { optional: true }) l?: any;
}

const rowsOf = (keys: readonly any[]): Row[] => keys.map((k) => message(Row, { k }));
const ticks = (...times: number[]): Tick[] => times.map((t) => message(Tick, { t }));

describe('a window by expression', () => {
  const shown = async (key: any, rows: Row[], inputs: any = []): Promise<{ windows: string; late: any[] }> => {
    const windows: string[] = [];
    const process = processFunction(window(Row, key), {}, (members: Row[]) => {
      windows.push(members.map(({ k }) => JSON.stringify(k)).join(' '));
    });
    const broker = new MemoryMessageBroker([[Row, rows]]);
    await new WaterMill({ process, broker, inputs }).run();
    return { windows: windows.join(' | '), late: inputs.length > 0 ? [...broker.written(Late)] : [] };
  };

  it('accepts arrays from a function as tuples of one length', async () => {
    const key = ({ k }: Row): any => k;
    const { windows } = await shown(
      key,
      rowsOf([
        ['x', 1],
        ['x', 1],
        ['y', 1],
        ['y', 2],
      ]),
    );
    expect(windows).toBe('["x",1] ["x",1] | ["y",1] | ["y",2]');
    const error = await rejection(shown(key, rowsOf([['x'], ['x', 'y'], [], ['z']])) as Promise<any>);
    expect(error.code).toBe('WM_INVALID_KEY');
    expect(error.message).toContain(
      '(window(Row): the key) is ("x", "y") (Array), expected a key that can be compared with ("x").',
    );
  });

  it('passes over invalid keys, or keys of another type, as its order policy says', async () => {
    const inputs = [[Row, { order: { skip: true, late: Late } }]];
    const { windows, late } = await shown(({ k }: Row) => k, rowsOf([['x'], ['x', 'y'], [], ['z'], null, 'z']), inputs);
    expect(windows).toBe('["x"] | ["z"]');
    expect(late.map(({ k }) => k)).toEqual([['x', 'y'], [], null, 'z']);
  });

  it.each<[string, Row[]]>([
    ['null', [1, null].map((l) => message(Row, { k: 'a', l }))],
    ['another type', [1, '1'].map((l) => message(Row, { k: 'a', l }))],
  ])('refuses %s in a tuple', async (_, rows) => {
    const error = await rejection(shown(tuple(field(Row, 'k'), field(Row, 'l')), rows) as Promise<any>);
    expect([error.code, error.details.position]).toEqual(['WM_INVALID_KEY', 1]);
  });

  it.each<[string, unknown, string]>([
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['an invalid Date', new Date(Number.NaN), 'an invalid Date'],
    ['an empty array', [], '()'],
    ['an array with a hole', Object.assign([], { 1: 1 }), '(, 1)'],
    ['undefined', undefined, 'undefined'],
  ])('describes %s without naming it as what was expected', async (_, key, found) => {
    const error = await rejection(shown(() => key, rowsOf([1])) as Promise<any>);
    expect(error.message).toContain(
      `(window(Row): the key) is ${found}, expected a finite number, a bigint, a string, a boolean, a valid Date, or a tuple of one or more of them. `,
    );
  });

  it('refuses 0/0 in a tuple', async () => {
    const key = tuple(field(Tick, 't').dividedBy(field(Tick, 't')), field(Tick, 't'));
    const process = processFunction(window(Tick, key), {}, () => {});
    const broker = new MemoryMessageBroker([[Tick, ticks(1, 1, 0)]]);
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect([error.code, error.details.position]).toEqual(['WM_INVALID_KEY', 2]);
  });

  it('keeps the key of an element whose array the process changes', async () => {
    const windows: string[] = [];
    const process = processFunction(
      window(Row, ({ k }: Row) => k),
      {},
      (members: Row[]) => {
        windows.push(JSON.stringify(members.map(({ k }) => k)));
        for (const { k } of members) k.push('more');
      },
    );
    await new WaterMill({ process, broker: new MemoryMessageBroker([[Row, rowsOf([['x'], ['y'], ['z']])]]) }).run();
    expect(windows).toEqual(['[["x"]]', '[["y"]]', '[["z"]]']);
  });
});

describe('a key function that returns an array of the element', () => {
  it('keeps its key, even if the process changes the array', async () => {
    const tree = joinStreams(Row, joinWith(Late, { left: ({ k }: Row) => k, right: ({ k }: Late) => k }));
    let matched = 0;
    const process = processFunction(tree, {}, (row, late) => {
      const matches = late.of(row);
      matched += matches.length;
      for (const { k } of [row, ...matches]) k[0] = 9;
    });
    // More than are joined before the first call.
    const rows = rowsOf(Array.from({ length: 5_000 }, () => [1, 'a']));
    const broker = new MemoryMessageBroker([
      [Row, rows],
      [Late, [message(Late, { k: [1, 'a'] })]],
    ]);
    await new WaterMill({ process, broker }).run();
    expect(matched).toBe(rows.length);
  });
});

describe('a tuple as a key', () => {
  const dates = ['2026-01-01', '2026-01-01', '2026-01-02', '2026-01-03'].map((text) => new Date(text));

  it.each<[string, any, any]>([
    ['an expression', tuple(field(At, 'at')), tuple(field(Day, 'at'))],
    ['a function', ({ at }: At) => [at], ({ at }: Day) => [at]],
  ])('keeps the Dates in it, even if the process changes those of the elements: %s', async (_, left, right) => {
    const on = [[left, right]] as any;
    const tree = joinStreams(At, joinWith(Day, { left: field(At, 'at'), right: field(Day, 'at'), on }));
    const matches: number[] = [];
    const process = processFunction(tree, {}, (at, days) => {
      const group = days.of(at);
      matches.push(group.length);
      for (const element of [at, ...group]) element.at.setTime(Number.NaN);
    });
    const broker = new MemoryMessageBroker([
      [At, dates.map((at) => ({ at }))],
      [Day, dates.slice(1).map((at) => ({ at }))],
    ]);
    // Under slack, later elements are read after the first call.
    const inputs: any = [At, Day].map((each) => [each, { order: { slack: 1 } }]);
    const report = await new WaterMill({ process, broker, inputs }).run();
    expect([matches, report.nodes.map(({ late }) => late)]).toEqual([
      [1, 1, 1, 1],
      [0, 0],
    ]);
  });

  it('is copied for each border of a window, and for each window with that border', async () => {
    const shown: string[] = [];
    const source = window(Row, ({ k }: Row) => [new Date(k[0]), 1], { by: ({ k }: Row) => k[1] });
    const process = processFunction(source, { inject: [WindowBounds] }, (_, { start, end }: any) => {
      shown.push(JSON.stringify([start, end]));
      for (const border of [start, end]) border.shift().setTime(5);
    });
    const rows = rowsOf([
      [0, 'a'],
      [0, 'b'],
    ]);
    await new WaterMill({ process, broker: new MemoryMessageBroker([[Row, rows]]) }).run();
    const key = '["1970-01-01T00:00:00.000Z",1]';
    expect(shown).toEqual([`[${key},${key}]`, `[${key},${key}]`]);
  });

  it('may be one array that a function reuses, also for windows by value over a join that continue', async () => {
    const reused = [''];
    const by = ({ k }: Row) => {
      reused[0] = k[1];
      return reused;
    };
    const keys = Array.from({ length: 10 }, (_, i) => [i, 'ab'[i % 2]]);
    const first = ({ k }: Row | Late) => k[0];
    const tree = joinStreams(countWindow(Row, { size: 2, by }), joinWith(Late, { left: first, right: first }));
    const broker = new MemoryMessageBroker([
      [Row, rowsOf(keys)],
      [Late, keys.map((k) => message(Late, { k }))],
    ]);
    const windows: string[] = [];
    for (let run = 0; run < 6; run++) {
      const process = processFunction(tree, {}, (rows) => {
        windows.push(rows.map(({ k }) => k.join('')).join(' '));
        void mill.stop();
      });
      const mill: WaterMill = new WaterMill({ process, broker, commitEvery: { elements: 1 } });
      await mill.run();
    }
    expect(windows).toEqual(['0a 2a', '1b 3b', '4a 6a', '5b 7b', '8a', '9b']);
  });
});

describe('a distance that is lost by rounding next to a key', () => {
  const nanoseconds = 1714564800000000000;
  const t = field(Tick, 't');

  it.each<[string, any, number[], number]>([
    ['tumbling', tumblingWindow(Tick, t, { size: 100 }), [nanoseconds, nanoseconds + 1000], 0],
    ['tumbling', tumblingWindow(Tick, t, { size: 1 }), [5, 1e16], 1],
    ['tumbling', tumblingWindow(Tick, t, { size: 1 }), [-1e16, 5], 0],
    ['tumbling', tumblingWindow(Tick, t, { size: 1e-7 }), [1714564800, 1714564801], 0],
    ['tumbling', tumblingWindow(Tick, t, { size: 1, offset: 1e17 }), [5], 0],
    ['hopping', hoppingWindow(Tick, t, { size: 100, every: 0.001 }), [5, 1e13], 1],
    ['hopping', hoppingWindow(Tick, t, { size: 1000, every: 10 }), [5, nanoseconds], 1],
    ['sliding', slidingWindow(Tick, t, { size: 100 }), [5, nanoseconds], 1],
    ['session', sessionWindow(Tick, t, { gap: 100 }), [5, nanoseconds], 1],
    ['beyond all numbers', slidingWindow(Tick, t, { size: 1e308 }), [-1.7e308], 0],
    ['beyond all numbers', tumblingWindow(Tick, t, { size: 1e308 }), [1.7e308], 0],
  ])('is refused at that element, without an endless loop: %s %#', async (_, source, times, position) => {
    const process = processFunction(source, {}, () => {});
    const error = await rejection(
      new WaterMill({ process, broker: new MemoryMessageBroker([[Tick, ticks(...times)]]) }).run(),
    );
    expect([error.code, error.details.position, error.details.key]).toEqual([
      'WM_INVALID_KEY',
      position,
      `${times[position]}`,
    ]);
  });

  it('names the size, the key and the remedies', async () => {
    const process = processFunction(tumblingWindow(Tick, t, { size: 100 }), {}, () => {});
    const broker = new MemoryMessageBroker([[Tick, ticks(nanoseconds)]]);
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect(error.message).toBe(
      "Tick at position 0 of Tick: the key Tick.t is 1714564800000000000, and the window's size 100 is too small next to it: " +
        'a number of that size has no digits left for it, and the sum would be the key again. Use larger units, such as ' +
        'milliseconds instead of nanoseconds; or make the field a bigint, @Field(() => BigInt), with bigint distances ' +
        'such as 100n: they are exact.',
    );
  });

  it.each<[any, Date, string]>([
    [{ size: 0.1 }, new Date(50), 'is not in whole milliseconds'],
    [{ size: 1, offset: 0.5 }, new Date(50), 'is not in whole milliseconds'],
    [{ size: 100 }, new Date(8.64e15), 'Leave such elements out'],
  ])('names the remedy if the borders are not Dates: %j, %s', async (size, at, sentence) => {
    const process = processFunction(tumblingWindow(At, field(At, 'at'), size), {}, () => {});
    const broker = new MemoryMessageBroker([[At, [message(At, { at })]]]);
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect(error.code).toBe('WM_INVALID_KEY');
    expect(error.message).toContain(sentence);
    expect(error.message).not.toContain('larger units');
  });

  it('refuses a sliding size of half a millisecond over Dates, and accepts it as a gap', async () => {
    const run = (source: any) =>
      new WaterMill({
        process: processFunction(source, {}, () => {}),
        broker: new MemoryMessageBroker([[At, [message(At, { at: new Date(50) })]]]),
      }).run();
    const error = await rejection(run(slidingWindow(At, field(At, 'at'), { size: 0.5 })));
    expect(error.message).toContain('is not in whole milliseconds');
    await run(sessionWindow(At, field(At, 'at'), { gap: 0.5 }));
  });

  it.each<[string, any]>([
    ['within', { within: [-100, 100] }],
    ['backward', { asOf: 'backward', tolerance: 100 }],
    ['forward', { asOf: 'forward', tolerance: 100 }],
    ['nearest', { asOf: 'nearest', tolerance: 100 }],
  ])('is refused of an edge: %s', async (_, options) => {
    const tree = joinStreams(Tick, joinWith(Quote, { left: t, right: field(Quote, 't'), kind: 'left', ...options }));
    const broker = new MemoryMessageBroker([
      [Tick, ticks(1, nanoseconds)],
      [Quote, [message(Quote, { t: 1 }), message(Quote, { t: nanoseconds })]],
    ]);
    const error = await rejection(new WaterMill({ process: processFunction(tree, {}, () => {}), broker }).run());
    expect([error.code, error.details.message, error.details.position]).toEqual(['WM_INVALID_KEY', 'Tick', 1]);
  });

  it.each<[string, any]>([
    ['plus', t.plus(100)],
    ['minus', t.minus(100)],
  ])('is refused of an expression whose constant does not change it: %s', async (_, left) => {
    const tree = joinStreams(Tick, joinWith(Quote, { left, right: field(Quote, 't'), kind: 'left' }));
    const broker = new MemoryMessageBroker([
      [Tick, ticks(1, nanoseconds)],
      [Quote, [message(Quote, { t: nanoseconds })]],
    ]);
    const error = await rejection(new WaterMill({ process: processFunction(tree, {}, () => {}), broker }).run());
    expect([error.code, error.details.message, error.details.position]).toEqual(['WM_INVALID_KEY', 'Tick', 1]);
    expect(error.message).toContain('if a number is so large that adding a constant does not change it');
  });

  it('is refused of a slack, as its policy says: late', async () => {
    const seen: number[] = [];
    const broker = new MemoryMessageBroker([[Tick, ticks(2, 1, nanoseconds, 3)]]);
    const report = await new WaterMill({
      process: processFunction(
        tumblingWindow(Tick, t, { size: 10 }),
        {},
        (all) => void seen.push(...all.map((one) => one.t)),
      ),
      broker,
      inputs: [[Tick, { order: { slack: 5 } }]],
    }).run();
    expect(seen).toEqual([1, 2, 3]);
    expect(report.nodes[0]?.late).toBe(1);
  });

  it('accepts keys up to the last one that it can be added to', async () => {
    const windows: number[][] = [];
    const process = processFunction(
      tumblingWindow(Tick, t, { size: 1 }),
      { inject: [WindowBounds] },
      (all, { start, end }) => {
        windows.push([start as number, end as number, all.length]);
      },
    );
    const times = [-9007199254740989, -2, 3e15, 9007199254740988];
    await new WaterMill({ process, broker: new MemoryMessageBroker([[Tick, ticks(...times)]]) }).run();
    expect(windows).toEqual(times.map((time) => [time, time + 1, 1]));
  });

  const at = field(Day, 'at');

  it.each<[string, any, number, boolean]>([
    ['tumbling', tumblingWindow(Day, at, { size: 1000 }), 8.64e15 - 5, true],
    ['tumbling', tumblingWindow(Day, at, { size: 1000 }), 8.64e15, false],
    ['hopping', hoppingWindow(Day, at, { size: 1000, every: 100 }), 8.64e15 - 5, false],
    ['sliding', slidingWindow(Day, at, { size: 1000 }), -8.64e15 + 1000, true],
    ['sliding', slidingWindow(Day, at, { size: 1000 }), -8.64e15 + 999, false],
  ])('is refused if a border would be an invalid Date: %s %#', async (_, source, milliseconds, isFine) => {
    const borders: Date[] = [];
    const process = processFunction(source, { inject: [WindowBounds] }, (_all: any, { start, end }: any) => {
      borders.push(start, end);
    });
    const broker = new MemoryMessageBroker([[Day, [message(Day, { at: new Date(milliseconds) })]]]);
    const run = new WaterMill({ process, broker }).run();
    if (isFine) await run;
    else expect(await rejection(run)).toMatchObject({ code: 'WM_INVALID_KEY' });
    expect(borders.every((border) => !Number.isNaN(border.getTime()))).toBe(true);
    expect(borders).toHaveLength(isFine ? 2 : 0);
  });
});

it('refuses hopping windows with millions of windows per element when they are declared', () => {
  expect(() => hoppingWindow(Tick, field(Tick, 't'), { size: 1e9, every: 1e-3 })).toThrow(
    'hoppingWindow(Tick): every must be at least a 1,000,000th part of the size, since each element is in size / every windows, not 0.001.',
  );
});

@Message()
class Sale {
  @Field() t!: number;
  @Field(() => Object, { optional: true }) a?: any;
  @Field(() => Object, { optional: true }) b?: any;
}

@Message()
class Offer {
  @Field() t!: number;
  @Field(() => Object, { optional: true }) a?: any;
  @Field(() => Object, { optional: true }) b?: any;
}

describe('on', () => {
  const ways: [string, any][] = [
    ['equal', {}],
    ['within', { within: [0, 0] }],
    ['backward', { asOf: 'backward', tolerance: 5 }],
    ['forward', { asOf: 'forward', tolerance: 5 }],
    ['nearest', { asOf: 'nearest', tolerance: 5 }],
  ];
  const sales = (values: any[]): Sale[] => values.map((a) => message(Sale, { t: 1, a }));
  const offers = (values: any[]): Offer[] => values.map((a) => message(Offer, { t: 1, a }));

  async function pairs(left: Sale[], right: Offer[], options: any, inputs: any = []): Promise<string[]> {
    const on = [[(sale: Sale) => sale.a, (offer: Offer) => offer.a]];
    const edge = joinWith(Offer, { left: field(Sale, 't'), right: field(Offer, 't'), kind: 'left', on, ...options });
    const found: string[] = [];
    const process = processFunction(joinStreams(Sale, edge), {}, (sale: Sale, joined: any) => {
      const group = joined.of(sale) as Offer[];
      found.push(`${left.indexOf(sale)}: ${group.map((offer) => right.indexOf(offer)).join(' ')}`.trim());
    });
    const broker = new MemoryMessageBroker([
      [Sale, left],
      [Offer, right],
    ]);
    await new WaterMill({ process, broker, inputs }).run();
    return found;
  }

  describe.each(ways)('%s', (way, options) => {
    const single = way !== 'equal' && way !== 'within';

    it('compares by value: numbers, bigints, strings, booleans, Dates and tuples; null equals nothing', async () => {
      // biome-ignore format: pairs
      const cases: [any[], any[]][] = [
        [
          [0, 2, null],
          [-0, 1, undefined],
        ],
        [
          [5n, 2n],
          [5n, 1n],
        ],
        [
          ['Date 0', '\u00e9'],
          ['Date 0', 'e\u0301'],
        ],
        [
          [true, false],
          [true, true],
        ],
        [
          [new Date(7), new Date(8)],
          [new Date(7), new Date(9)],
        ],
        [
          [
            ['1', '1 1'],
            ['1 1', '1'],
          ],
          [
            ['1', '1 1'],
            ['1', '1'],
          ],
        ],
      ];
      for (const [left, right] of cases) {
        const found = await pairs(sales(left), offers(right), options);
        const both = left[0] === true && !single ? '0: 0 1' : left[0] === true && way === 'backward' ? '0: 1' : '0: 0';
        expect(found).toEqual([both, ...left.slice(1).map((_, i) => `${i + 1}:`)]);
      }
    });

    it.each<[string, any[], any[]]>([
      ['an invalid Date', [new Date(1), new Date('?')], [new Date(1)]],
      ['NaN', [1, Number.NaN], [1]],
      ['an object', [1, {}], [1]],
      ['a function', [1, () => 1], [1]],
      ['a symbol', [1, Symbol('s')], [1]],
      ['another type than the ones before', [1, '1'], [1]],
      ['a longer tuple', [[1], [1, 2]], [[1]]],
      [
        'null in a tuple',
        [
          [1, 2],
          [1, null],
        ],
        [[1, 2]],
      ],
    ])('refuses %s, on either side, as the policy of its input says', async (_, bad, good) => {
      const left = pairs(sales(bad), offers(good), options);
      expect(await rejection(left as any)).toMatchObject({
        code: 'WM_INVALID_KEY',
        details: { message: 'Sale', position: 1 },
      });
      // A value without a match makes the mill read everything.
      const [one] = good;
      const missing = Array.isArray(one) ? one.map(() => 99) : one instanceof Date ? new Date(99) : 99;
      const right = pairs(sales([one, missing]), offers(bad), options);
      expect(await rejection(right as any)).toMatchObject({
        code: 'WM_INVALID_KEY',
        details: { message: 'Offer', position: 1 },
      });
      const inputs = [
        [Sale, { order: 'skip' }],
        [Offer, { order: 'skip' }],
      ];
      expect(await pairs(sales(bad), offers(good), options, inputs)).toEqual(['0: 0']);
      expect(await pairs(sales([one, missing]), offers(bad), options, inputs)).toEqual(['0: 0', '1:']);
    });

    it.each([
      ['one key for all, and one value for each', () => 1, (i: number) => i, (i: number) => i],
      ['one value for all, and one key for each', (i: number) => i * 100, () => 1, () => 1],
      ['no match at all', () => 1, (i: number) => i, (i: number) => -1 - i],
    ])('calls the expression once per element: %s', async (_, t, a, b) => {
      for (const kind of ['left', 'semi', 'anti']) {
        for (const order of ['fail', 'skip'] as const) {
          let asked = 0;
          const counted = (value: (element: any) => any) => (element: any) => {
            asked++;
            return value(element);
          };
          const n = 1500;
          const left = Array.from({ length: n }, (_, i) => message(Sale, { t: t(i), a: a(i) }));
          const right = Array.from({ length: n }, (_, i) => message(Offer, { t: t(i), a: b(i) }));
          const on = [[counted((sale) => sale.a), counted((offer) => offer.a)]];
          const edge = joinWith(Offer, {
            left: field(Sale, 't'),
            right: field(Offer, 't'),
            kind,
            on,
            ...options,
          } as any);
          let calls = 0;
          const broker = new MemoryMessageBroker([
            [Sale, left],
            [Offer, right],
          ]);
          const process: any = processFunction(joinStreams(Sale, edge as any), {}, (() => void calls++) as any);
          await new WaterMill({ process, broker, inputs: [[Sale, { order }]] }).run();
          const matches = a(1) === b(1);
          expect(calls).toBe(kind === 'left' || (kind === 'semi') === matches ? n : 0);
          expect(asked).toBeLessThan(2 * n + 1000);
        }
      }
    });
  });

  it('compares each pair of several independently', async () => {
    const left = [
      ['1', '1 1'],
      ['1 1', '1'],
      ['x', null],
    ].map(([a, b]) => message(Sale, { t: 1, a, b }));
    const right = [
      ['1', '1 1'],
      ['1', '1'],
      ['x', null],
    ].map(([a, b]) => message(Offer, { t: 1, a, b }));
    const found = await pairs(left, right, {
      on: [
        [(sale: Sale) => sale.a, (offer: Offer) => offer.a],
        [(sale: Sale) => sale.b, (offer: Offer) => offer.b],
      ],
    });
    expect(found).toEqual(['0: 0', '1:', '2:']);
  });

  it.each(ways)('%s: compares no values of two types, also if the first elements have none', async (_, options) => {
    // As texts, which several pairs are combined to, 1 and '1' would be equal.
    const on = ['a', 'a'].map((name) => [(sale: any) => sale[name], (offer: any) => offer[name]]);
    for (const nulls of [0, 1, 2, 5, 40]) {
      const before = new Array(nulls).fill(null);
      const error = await rejection(pairs(sales([...before, '1']), offers([...before, 1]), { ...options, on }));
      expect(error).toMatchObject({ code: 'WM_INVALID_KEY' });
    }
  });

  it('reports the key, and the previous one', async () => {
    const error = await rejection(pairs(sales([1, '1']), offers([1]), {}) as any);
    expect(error.message.replace(/function .* \(join/, 'function … (join')).toBe(
      'Sale at position 1 of Sale: the key function … (joinWith(Offer): on[0]: the left key) is "1" (string), expected a key that can be compared with 1. ' +
        'Give every element of the stream such a key, leave out those without one, or read the field as the other type.',
    );
  });
});
