import { Field, field, Message, message, table, tuple } from 'watermill';

@Message()
export class PageView {
  @Field() at!: number;
  @Field() user!: string;
}

@Message()
export class Visits {
  @Field() user!: string;
  @Field() count!: number;
}

@Message()
export class Regular {
  @Field() user!: string;
}

@Message()
export class Seen {
  @Field() at!: number;
  @Field() text!: string;
}

@Message()
export class Order {
  @Field() day!: Date;
  @Field(() => BigInt) seq!: bigint;
  @Field() customer!: string;
  @Field(() => [String], { optional: true }) items?: string[];
}

export const visits = table(Visits, { key: field(Visits, 'user'), name: 'visits' });
export class VisitsByUser extends table(Visits, { key: field(Visits, 'user') }) {}
export class OrdersByDay extends table(Order, { key: field(Order, 'day') }) {}
export class OrdersByPair extends table(Order, { key: tuple(field(Order, 'customer'), field(Order, 'seq')) }) {}

export const view = (at: number, user: string): PageView => message(PageView, { at, user });
export const plain = (elements: Iterable<object>): object[] => [...elements].map((element) => ({ ...element }));
