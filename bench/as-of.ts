import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { timed } from './support/timed.js';
import { digestOfSlippages, Quote, quotes, Slippage, slippageOf, Trade, trades } from './support/trades.js';

const tolerance = 150;

/** For each trade the last quote of its symbol before it, if it is recent enough; ten quotes per trade. */
export const measures: readonly Measure[] = [
  {
    name: 'as-of',
    size: 1_000_000,
    reps: 3,
    ours: { run: throughMill },
    reference: { run: byHand },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.8 } }],
  },
];

async function throughMill({ size }: Work): Promise<Outcome> {
  const broker = new MemoryMessageBroker([
    [Trade, trades(size)],
    [Quote, quotes(size * 10)],
  ]);
  const tree = joinStreams(
    Trade,
    joinWith(Quote, {
      left: field(Trade, 'time'),
      right: field(Quote, 'time'),
      asOf: 'backward',
      tolerance,
      on: [[field(Trade, 'symbol'), field(Quote, 'symbol')]],
    }),
  );
  const process = processFunction(tree, { emits: [Slippage] }, (trade, quotes) =>
    slippageOf(trade, quotes.first(trade)!),
  );
  const run = () => new WaterMill({ process, broker }).run();
  return timed(run, () => digestOfSlippages(broker.written(Slippage)));
}

async function byHand({ size }: Work): Promise<Outcome> {
  const [left, right] = [trades(size), quotes(size * 10)];
  return timed(() => lookBack(left, right), digestOfSlippages);
}

function lookBack(trades: readonly Trade[], quotes: readonly Quote[]): Slippage[] {
  const slippages: Slippage[] = [];
  const last = new Map<string, Quote>();
  let next = 0;
  for (const trade of trades) {
    while (next < quotes.length && quotes[next]!.time <= trade.time) {
      const quote = quotes[next++]!;
      last.set(quote.symbol, quote);
    }
    const quote = last.get(trade.symbol);
    if (quote === undefined || quote.time < trade.time - tolerance) continue;
    const joined = new Map<Trade, Quote[]>();
    joined.set(trade, [quote]);
    slippages.push(slippageOf(trade, joined.get(trade)![0]!));
  }
  return slippages;
}
