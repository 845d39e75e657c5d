import {
  type Broker,
  field,
  Joined,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  message,
  Process,
  Unmatched,
  WaterMill,
} from 'watermill';
import { Auction, Bid, Outcome, StrayBid } from './messages.js';

/** Milliseconds. No auction is open for longer: the end of each is in its data, but a join needs a bound. */
const longest = 3 * 60 * 60 * 1000;

export const tree = joinStreams(
  Auction,
  joinWith(Bid, {
    left: field(Auction, 'opensAt'),
    right: field(Bid, 'at'),
    within: [0, longest],
    on: [[field(Auction, 'lot'), field(Bid, 'lot')]],
    kind: 'left',
  }),
);

export class Auctioneer {
  @Process(tree, { emits: [Outcome, StrayBid] })
  close(auction: Auction, bids: Joined<Auction, Bid>): Outcome {
    const valid = bids.of(auction).filter(({ at }) => at < auction.closesAt);
    const best = valid.reduce<Bid | undefined>(
      (high, bid) => (high && high.amount >= bid.amount ? high : bid),
      undefined,
    );
    const sold = best !== undefined && best.amount >= auction.reserve ? best : undefined;
    return message(Outcome, { lot: auction.lot, bids: valid.length, winner: sold?.bidder, price: sold?.amount });
  }

  @Unmatched()
  stray({ at, lot, bidder }: Bid): StrayBid {
    return message(StrayBid, { at, lot, bidder });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Auction, `${samples}/auctions.json`],
    [Bid, `${samples}/bids.json`],
    [Outcome, `${out}/outcomes.json`],
    [StrayBid, `${out}/stray-bids.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: Auctioneer, broker });
}
