import { alias, Field, field, joinStreams, joinWith, Message, message, processFunction } from 'watermill';

/** The master of most trees in these tests. */
@Message()
export class Order {
  @Field() time!: number;
  @Field() id!: string;
}

@Message()
export class Price {
  @Field() time!: number;
  @Field() amount!: number;
}

@Message()
export class Sale {
  @Field() id!: string;
  @Field() amount!: number;
}

@Message()
export class Alarm {
  @Field() text!: string;
}

export const orders = (...times: number[]): Order[] => times.map((time, i) => message(Order, { time, id: `o${i}` }));

export const prices = (...times: number[]): Price[] => times.map((time) => message(Price, { time, amount: time * 10 }));

export const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

export const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));

/** One sale per order and price. */
export const sell = processFunction(tree, { emits: [Sale] }, (order, found) =>
  found.of(order).map(({ amount }) => message(Sale, { id: order.id, amount })),
);

/** The stream of orders, at another node of a tree. */
@Message()
export class Next extends alias(Order, 'Next') {}

@Message()
export class LateOrder extends alias(Order, 'LateOrder') {}

@Message()
export class Third extends alias(Order, 'Third') {}
