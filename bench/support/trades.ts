import 'reflect-metadata';
import { Field, Message } from 'watermill';
import { digestOf } from './digest.js';

@Message()
export class Trade {
  @Field() time!: number;
  @Field() symbol!: string;
  @Field() price!: number;
}

@Message()
export class Quote {
  @Field() time!: number;
  @Field() symbol!: string;
  @Field() price!: number;
}

@Message()
export class Slippage {
  @Field() time!: number;
  @Field() difference!: number;
}

const symbols = Array.from({ length: 100 }, (_, i) => `SYM${i}`);

/** Creates quotes, one per time unit. */
export function quotes(count: number): Quote[] {
  return Array.from({ length: count }, (_, i) => {
    const quote = new Quote();
    quote.time = i;
    quote.symbol = symbols[scattered(i)]!;
    quote.price = 10_000 + (i % 97);
    return quote;
  });
}

/** Creates trades, one per ten time units. */
export function trades(count: number): Trade[] {
  return Array.from({ length: count }, (_, i) => {
    const trade = new Trade();
    trade.time = i * 10;
    trade.symbol = symbols[scattered(i + 7)]!;
    trade.price = 10_000 + (i % 89);
    return trade;
  });
}

export function slippageOf(trade: Trade, quote: Quote): Slippage {
  const slippage = new Slippage();
  slippage.time = trade.time;
  slippage.difference = trade.price - quote.price;
  return slippage;
}

export function digestOfSlippages(slippages: readonly Slippage[]): string {
  return digestOf(slippages, ({ time, difference }) => [time, difference]);
}

function scattered(index: number): number {
  return (Math.imul(index, 0x9e3779b1) >>> 0) % symbols.length;
}
