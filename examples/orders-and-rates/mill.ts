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
import { Order, PricedOrder, Rate, UnpricedOrder } from './messages.js';

/** Each order with the rate of its currency that was valid when it was placed, of any age. */
export const tree = joinStreams(
  Order,
  joinWith(Rate, {
    left: field(Order, 'placed'),
    right: field(Rate, 'from'),
    asOf: 'backward',
    tolerance: 10 * 365 * 24 * 60 * 60 * 1000,
    on: [[field(Order, 'currency'), field(Rate, 'currency')]],
    kind: 'left',
  }),
);

const price = processFunction(tree, { emits: [PricedOrder, UnpricedOrder] }, (order, rates) => {
  const { id, placed, currency, amount } = order;
  const rate = rates.first(order);
  if (rate === undefined) return message(UnpricedOrder, { id, currency });
  return message(PricedOrder, { id, placed, euros: Math.round(amount * rate.euros * 100) / 100 });
});

/** The stream of orders, and the priced ones. In production, a `KafkaMessageBroker` with two topics replaces it. */
export function orderFiles(samples = 'samples', out = 'out'): Broker {
  return new JsonFileMessageBroker([
    [Order, `${samples}/orders.ndjson`],
    [PricedOrder, `${out}/priced-orders.ndjson`],
  ]);
}

/** The reference data, and the list of orders without a rate. */
export function rateFiles(samples = 'samples', out = 'out'): Broker {
  return new JsonFileMessageBroker([
    [Rate, `${samples}/rates.ndjson`],
    [UnpricedOrder, `${out}/unpriced-orders.ndjson`],
  ]);
}

/** The broker of the orders leads: it has one lane per partition of their topic, and each lane reads all rates. */
export function makeMill(orders: Broker = orderFiles(), rates: Broker = rateFiles()) {
  return new WaterMill({ process: price, broker: [orders, rates] });
}
