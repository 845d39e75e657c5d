import { Field, Message } from 'watermill';

@Message()
export class Order {
  @Field({ name: 'ordered_at' }) orderedAt!: Date;
  @Field() number!: string;
  @Field() customer!: string;
  @Field() total!: number;
}

@Message()
export class Payment {
  @Field({ name: 'paid_at' }) paidAt!: Date;
  @Field({ name: 'order_number' }) orderNumber!: string;
  @Field() amount!: number;
}

@Message()
export class Reminder {
  @Field({ name: 'order_number' }) orderNumber!: string;
  @Field() customer!: string;
  @Field() total!: number;
  @Field() due!: Date;
}
