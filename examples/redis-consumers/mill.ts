import { BadMessage, message, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisGroup, redisStream } from 'watermill/redis';
import { redisUrl } from '../support/redis.js';
import { Invoice, Order } from './messages.js';

export interface Consumer {
  readonly orders: readonly string[];
  readonly invoices: string;
  readonly letters: string;
  readonly group: string;
  /** Unique: another process with this name would replace this one. */
  readonly name: string;
  readonly claimAfterMs?: number;
}

const invoice = processFunction(Order, { emits: [Invoice] }, async ({ id, amount }) => {
  if (amount < 0) throw new RangeError(`Order ${id} has the amount ${amount}.`);
  return message(Invoice, { order: id, total: amount * 1.2 });
});

/** One of several consumers of two streams. If it dies, the others take over its unacknowledged messages. */
export function makeMill({ orders, invoices, letters, group, name, claimAfterMs = 50_000 }: Consumer): WaterMill {
  const broker = new RedisMessageBroker({
    url: redisUrl,
    group,
    entries: [
      [Order, redisGroup(orders, { consumer: name, claimAfterMs, maxDeliveries: 3, deadLetter: BadMessage })],
      [Invoice, redisStream(invoices)],
      [BadMessage, redisStream(letters)],
    ],
    guarantee: 'exactly-once',
  });
  return new WaterMill({ process: invoice, broker });
}
