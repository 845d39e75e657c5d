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
import { Order, Payment, Reminder } from './messages.js';

/** Milliseconds. */
const day = 24 * 60 * 60 * 1000;
const term = 2 * day;

/** Orders without a payment in the following two days. A reminder is sent when the payments have passed that time. */
export const tree = joinStreams(
  Order,
  joinWith(Payment, {
    left: field(Order, 'orderedAt'),
    right: field(Payment, 'paidAt'),
    within: [0, term],
    on: [[field(Order, 'number'), field(Payment, 'orderNumber')]],
    kind: 'anti',
  }),
);

const remind = processFunction(tree, { emits: [Reminder] }, ({ number, customer, total, orderedAt }) =>
  message(Reminder, { orderNumber: number, customer, total, due: new Date(orderedAt.getTime() + term) }),
);

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Order, `${samples}/orders.json`],
    [Payment, `${samples}/payments.json`],
    [Reminder, `${out}/reminders.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: remind, broker });
}
