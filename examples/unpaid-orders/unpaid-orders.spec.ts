import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Order, Payment, Reminder } from './messages.js';
import { files, makeMill } from './mill.js';

const onDay = (day: number) => new Date(Date.UTC(2024, 4, day));

describe('unpaid orders', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('reminds as soon as payments have passed the term, and not before', async () => {
    const broker = new MemoryMessageBroker([[Order], [Payment]]);
    const mill = makeMill(broker);
    const running = mill.run();
    const settled = async () => {
      for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
      return broker.written(Reminder).map((reminder) => reminder.orderNumber);
    };

    broker.push(Order, { orderedAt: onDay(1), number: 'A-1', customer: 'Ines', total: 20 });
    broker.push(Payment, { paidAt: onDay(3), orderNumber: 'A-0', amount: 5 });
    expect(await settled()).toEqual([]);

    broker.push(Payment, { paidAt: onDay(4), orderNumber: 'A-1', amount: 20 });
    expect(await settled()).toEqual(['A-1']);

    broker.end(Order);
    broker.end(Payment);
    await running;
    expect(await settled()).toEqual(['A-1']);
  });
});
