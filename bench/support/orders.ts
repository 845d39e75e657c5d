import 'reflect-metadata';
import { Field, Message } from 'watermill';
import { digestOf } from './digest.js';

@Message()
export class Order {
  @Field() time!: number;
  @Field() amount!: number;
}

@Message()
export class Payment {
  @Field() time!: number;
  @Field() amount!: number;
}

@Message()
export class Balance {
  @Field() time!: number;
  @Field() open!: number;
}

export function ordersAt(count: number): Order[] {
  return Array.from({ length: count }, (_, i) => {
    const order = new Order();
    order.time = i * 10;
    order.amount = (i % 97) + 1;
    return order;
  });
}

/** Returns as many payments as orders, each at the time of the order with its index. */
export function paymentsForAll(count: number): Payment[] {
  return paymentsAt(count, (i) => i * 10);
}

/** Returns as many payments as orders, every second one at a time without an order. */
export function paymentsForHalf(count: number): Payment[] {
  return paymentsAt(count, (i) => i * 10 + (i % 2) * 5);
}

function paymentsAt(count: number, timeOf: (index: number) => number): Payment[] {
  return Array.from({ length: count }, (_, i) => {
    const payment = new Payment();
    payment.time = timeOf(i);
    payment.amount = i % 89;
    return payment;
  });
}

export function balanceOf(order: Order, payments: readonly Payment[]): Balance {
  const balance = new Balance();
  balance.time = order.time;
  balance.open = order.amount;
  for (let i = 0; i < payments.length; i++) balance.open -= (payments[i] as Payment).amount;
  return balance;
}

export function digestOfBalances(balances: readonly Balance[]): string {
  return digestOf(balances, ({ time, open }) => [time, open]);
}
