import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Order, PricedOrder, Rate, UnpricedOrder } from './messages.js';
import { makeMill, orderFiles, rateFiles } from './mill.js';

const at = (seconds: number) => new Date(seconds * 1000);

describe('orders and rates', () => {
  it('writes the expected files', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) =>
      makeMill(orderFiles(samples, out), rateFiles(samples, out)),
    );
    expect(written).toEqual(expected);
  });

  it('takes the rate of the moment of the order, not the newest one', async () => {
    const rates = [
      { from: at(0), currency: 'USD', euros: 0.9 },
      { from: at(10), currency: 'USD', euros: 0.8 },
    ];
    const orders = new MemoryMessageBroker([
      [Order, [9, 10, 11].map((s) => ({ id: `o${s}`, placed: at(s), currency: 'USD', amount: 100 }))],
      [UnpricedOrder],
    ]);
    await makeMill(orders, new MemoryMessageBroker([[Rate, rates]])).run();
    expect(orders.written(PricedOrder).map(({ euros }) => euros)).toEqual([90, 80, 80]);
    expect(orders.written(UnpricedOrder)).toEqual([]);
  });

  it('says which broker leads', () => {
    const text = makeMill().explain();
    expect(text).toContain('Order, the master: samples/orders.ndjson, on JsonFileMessageBroker, which leads');
    expect(text).toContain('Rate: samples/rates.ndjson, on JsonFileMessageBroker, read whole by each lane');
  });
});
