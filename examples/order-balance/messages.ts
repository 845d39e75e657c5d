import { Field, Message } from 'watermill';

@Message()
export class Order {
  @Field({ name: 'order_id' }) orderId!: number;
  @Field() customer!: string;
}

@Message()
export class OrderLine {
  @Field({ name: 'line_id' }) lineId!: number;
  @Field({ name: 'order_id' }) orderId!: number;
  @Field() article!: string;
  @Field({ name: 'price_cents' }) priceCents!: number;
}

@Message()
export class Delivery {
  @Field({ name: 'line_id' }) lineId!: number;
  @Field() quantity!: number;
}

@Message()
export class Payment {
  @Field({ name: 'order_id' }) orderId!: number;
  @Field({ name: 'amount_cents' }) amountCents!: number;
}

@Message()
export class DeliveredArticle {
  @Field() article!: string;
  @Field() quantity!: number;
}

@Message()
export class OrderBalance {
  @Field({ name: 'order_id' }) orderId!: number;
  @Field() customer!: string;
  @Field(() => [DeliveredArticle]) delivered!: DeliveredArticle[];
  @Field({ name: 'open_cents' }) openCents!: number;
}
