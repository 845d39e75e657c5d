import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Auction, Bid, Outcome, StrayBid } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (minute: number) => new Date(Date.UTC(2024, 8, 21, 18, minute));

describe('auction bids', () => {
  it('writes the expected files', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('takes bids from the opening on, to the closing and not with it; the first of equal ones wins', async () => {
    const bid = (minute: number, bidder: string, amount: number, lot = '1') => ({
      at: at(minute),
      lot,
      bidder,
      amount,
    });
    const broker = new MemoryMessageBroker([
      [Auction, [{ opensAt: at(0), closesAt: at(30), lot: '1', reserve: 50 }]],
      [Bid, [bid(0, 'Ada', 40), bid(5, 'Bo', 60), bid(6, 'Cy', 60), bid(7, 'Di', 99, '2'), bid(30, 'Ed', 100)]],
    ]);
    await makeMill(broker).run();
    expect(broker.written(Outcome)).toEqual([{ lot: '1', bids: 3, winner: 'Bo', price: 60 }]);
    expect(broker.written(StrayBid).map(({ bidder }) => bidder)).toEqual(['Di']);
  });
});
