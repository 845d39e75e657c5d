import { Field, Message } from 'watermill';

@Message()
export class Order {
  @Field() id!: number;
  @Field() product!: string;
  @Field() pieces!: number;
}

@Message()
export class PricedOrder {
  @Field() id!: number;
  @Field() product!: string;
  /** Cents. */
  @Field() total!: number;
}
