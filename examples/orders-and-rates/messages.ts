import { Field, Message } from 'watermill';

@Message()
export class Order {
  @Field() id!: string;
  @Field() placed!: Date;
  @Field() currency!: string;
  @Field() amount!: number;
}

/** The value of one unit of a currency in euros, from a time on. */
@Message()
export class Rate {
  @Field() from!: Date;
  @Field() currency!: string;
  @Field() euros!: number;
}

@Message()
export class PricedOrder {
  @Field() id!: string;
  @Field() placed!: Date;
  @Field() euros!: number;
}

/** An order in a currency that had no rate when it was placed. */
@Message()
export class UnpricedOrder {
  @Field() id!: string;
  @Field() currency!: string;
}
