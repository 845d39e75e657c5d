import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Quote, SignedTrade, Trade } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (seconds: number) => new Date(seconds * 1000);

describe('trades and quotes', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('takes the last quote of the symbol, up to the tolerance and no older', async () => {
    const broker = new MemoryMessageBroker([
      [
        Trade,
        [
          { time: at(2), symbol: 'A', price: 10, shares: 1 },
          { time: at(2.001), symbol: 'A', price: 10, shares: 1 },
        ],
      ],
      [
        Quote,
        [
          { time: at(0), symbol: 'A', bid: 8, ask: 9 },
          { time: at(0), symbol: 'A', bid: 9, ask: 10 },
          { time: at(1), symbol: 'B', bid: 1, ask: 2 },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(SignedTrade).map(({ bid, hurried }) => [bid, hurried])).toEqual([
      [9, 'buyer'],
      [undefined, 'unknown'],
    ]);
  });
});
