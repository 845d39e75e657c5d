import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Delivery, Order, OrderBalance, OrderLine, Payment } from './messages.js';
import { files, makeMill } from './mill.js';

describe('order balance', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('leaves out what was not delivered, and who did not pay', async () => {
    const broker = new MemoryMessageBroker([
      [
        Order,
        [
          { orderId: 1, customer: 'paid, one of two delivered' },
          { orderId: 2, customer: 'paid, nothing delivered' },
          { orderId: 3, customer: 'delivered, not paid' },
        ],
      ],
      [
        OrderLine,
        [
          { lineId: 10, orderId: 1, article: 'axe', priceCents: 2000 },
          { lineId: 11, orderId: 1, article: 'saw', priceCents: 1500 },
          { lineId: 12, orderId: 2, article: 'saw', priceCents: 1500 },
          { lineId: 13, orderId: 3, article: 'axe', priceCents: 2000 },
        ],
      ],
      [
        Delivery,
        [
          { lineId: 11, quantity: 1 },
          { lineId: 11, quantity: 2 },
          { lineId: 13, quantity: 1 },
        ],
      ],
      [
        Payment,
        [
          { orderId: 1, amountCents: 4000 },
          { orderId: 2, amountCents: 1500 },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(OrderBalance)).toEqual([
      {
        orderId: 1,
        customer: 'paid, one of two delivered',
        delivered: [{ article: 'saw', quantity: 3 }],
        openCents: 500,
      },
    ]);
  });
});
