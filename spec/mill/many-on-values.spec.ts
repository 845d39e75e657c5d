import {
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';

@Message()
class Trade {
  @Field() at!: number;
  @Field(() => String, { nullable: true }) symbol!: string | null;
  @Field() venue!: number;
}

@Message()
class Quote {
  @Field() at!: number;
  @Field(() => String, { nullable: true }) symbol!: string | null;
  @Field() venue!: number;
}

@Message()
class Found {
  @Field() at!: number;
  @Field() quotes!: string;
}

const before = 600;
const burst = 1300;

/** Symbols in turn, many at one time that never come again, those from before, pairs that come and go, nulls. */
function symbols(seed: number): (string | null)[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
  const found: (string | null)[] = [];
  const add = (count: number, symbolAt: (i: number) => number): void => {
    for (let i = 0; i < count; i++) found.push(random(50) === 0 ? null : `symbol ${symbolAt(i)}`);
  };
  add(before, (i) => i % 7);
  add(burst, (i) => 1000 + i);
  add(600, (i) => i % 90);
  add(900, (i) => 2000 + Math.floor(i / 2));
  add(900, () => random(300));
  add(600, (i) => i % 7);
  return found;
}

/** Two at a time; then the burst, and silence after it. */
function timeOf(i: number): number {
  if (i < before) return Math.floor(i / 2);
  return i < before + burst ? before : before + 200 + Math.floor(i / 2);
}

const make = <T extends Trade | Quote>(type: new () => T, seed: number): T[] =>
  symbols(seed).map((symbol, i) => message(type, { at: timeOf(i), symbol, venue: i % 2 } as never));
const trades = make(Trade, 1);
const quotes = make(Quote, 2);
const bySymbol = new Map<string, Quote[]>();
for (const quote of quotes) {
  if (quote.symbol === null) continue;
  const alike = bySymbol.get(quote.symbol) ?? [];
  bySymbol.set(quote.symbol, [...alike, quote]);
}
const shown = (at: number, group: readonly Quote[]): string =>
  `${at}: ${group.map((quote) => `${quote.at} ${quote.symbol} ${quote.venue}`).join(', ')}`;

type Match = { within: [number, number] } | { asOf: 'backward'; tolerance: number };
const matches: Record<string, { match: Match; group: (trade: Trade, alike: Quote[]) => Quote[] }> = {
  'within, a narrow band': {
    match: { within: [-5, 20] },
    group: (trade, alike) => alike.filter(({ at }) => at >= trade.at - 5 && at <= trade.at + 20),
  },
  'within, a wide band': {
    match: { within: [-700, 3] },
    group: (trade, alike) => alike.filter(({ at }) => at >= trade.at - 700 && at <= trade.at + 3),
  },
  'as of, with a tolerance': {
    match: { asOf: 'backward', tolerance: 40 },
    group: (trade, alike) => alike.filter(({ at }) => at >= trade.at - 40 && at <= trade.at).slice(-1),
  },
  'as of': {
    match: { asOf: 'backward', tolerance: Number.POSITIVE_INFINITY },
    group: (trade, alike) => alike.filter(({ at }) => at <= trade.at).slice(-1),
  },
};

const on = [
  [field(Trade, 'symbol'), field(Quote, 'symbol')],
  [field(Trade, 'venue'), field(Quote, 'venue')],
];

describe.each(Object.entries(matches))('many values of on, %s', (_name, { match, group }) => {
  test.each([1, 2])('%d pairs', async (pairs) => {
    const tree = joinStreams(
      Trade,
      joinWith(Quote, {
        left: field(Trade, 'at'),
        right: field(Quote, 'at'),
        ...match,
        on: on.slice(0, pairs),
      } as never),
    );
    const broker = new MemoryMessageBroker([
      [Trade, trades],
      [Quote, quotes],
    ]);
    const process = processFunction(tree, { emits: [Found] }, (trade: Trade, found) =>
      message(Found, { at: trade.at, quotes: shown(trade.at, found.of(trade)) }),
    );
    await new WaterMill({ process, broker }).run();

    const expected = trades.flatMap((trade) => {
      const alike = (bySymbol.get(trade.symbol ?? '') ?? []).filter(
        ({ venue }) => pairs === 1 || venue === trade.venue,
      );
      const matching = group(trade, alike);
      return matching.length > 0 ? [shown(trade.at, matching)] : [];
    });
    expect(expected.length).toBeGreaterThan(1000);
    expect(broker.written(Found).map(({ quotes }) => quotes)).toEqual(expected);
  });
});
