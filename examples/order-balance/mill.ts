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
import { DeliveredArticle, Delivery, Order, OrderBalance, OrderLine, Payment } from './messages.js';

/**
 * Order ─┬─ OrderLine ── Delivery
 *        └─ Payment
 *
 * A line without a delivery falls out of its order; an order without such a line, or without a payment, falls out.
 */
export const tree = joinStreams(
  Order,
  joinWith(
    joinStreams(OrderLine, joinWith(Delivery, { left: field(OrderLine, 'lineId'), right: field(Delivery, 'lineId') })),
    { left: field(Order, 'orderId'), right: field(OrderLine, 'orderId') },
  ),
  joinWith(Payment, { left: field(Order, 'orderId'), right: field(Payment, 'orderId') }),
);

/** One parameter per edge, depth first; all types are inferred from the tree. */
export const balanceOrders = processFunction(tree, { emits: [OrderBalance] }, (order, lines, deliveries, payments) => {
  const delivered: DeliveredArticle[] = [];
  let openCents = 0;
  for (const line of lines.of(order)) {
    const quantity = sum(deliveries.of(line).map((delivery) => delivery.quantity));
    delivered.push(message(DeliveredArticle, { article: line.article, quantity }));
    openCents += quantity * line.priceCents;
  }
  openCents -= sum(payments.of(order).map(({ amountCents }) => amountCents));
  return message(OrderBalance, { orderId: order.orderId, customer: order.customer, delivered, openCents });
});

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Order, `${samples}/orders.json`],
    [OrderLine, `${samples}/order-lines.json`],
    [Delivery, `${samples}/deliveries.json`],
    [Payment, `${samples}/payments.json`],
    [OrderBalance, `${out}/order-balance.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: balanceOrders, broker });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
