import {
  type Broker,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { Quote, SignedTrade, Trade } from './messages.js';

/** Milliseconds: an older quote is not relevant for a trade. */
const oldestQuote = 2_000;

/** Each trade with the quote of its symbol that was valid at that time. Quotes of other symbols may be in between. */
export const tree = joinStreams(
  Trade,
  joinWith(Quote, {
    left: field(Trade, 'time'),
    right: field(Quote, 'time'),
    asOf: 'backward',
    tolerance: oldestQuote,
    on: [[field(Trade, 'symbol'), field(Quote, 'symbol')]],
    kind: 'left',
  }),
);

const sign = processFunction(tree, { emits: [SignedTrade] }, (trade, quotes) => {
  const { time, symbol, price, shares } = trade;
  const quote = quotes.first(trade);
  return message(SignedTrade, {
    ...{ time, symbol, price, shares },
    bid: quote?.bid,
    ask: quote?.ask,
    hurried: quote === undefined ? 'unknown' : whoHurried(price, quote),
  });
});

function whoHurried(price: number, { bid, ask }: Quote): SignedTrade['hurried'] {
  const middle = (bid + ask) / 2;
  if (price === middle) return 'unknown';
  return price > middle ? 'buyer' : 'seller';
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Trade, `${samples}/trades.ndjson`],
    [Quote, `${samples}/quotes.ndjson`],
    [SignedTrade, `${out}/signed-trades.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: sign, broker });
}
