import { Field, Message } from 'watermill';

@Message()
export class Order {
  @Field() id!: string;
  @Field() amount!: number;
}

@Message()
export class Invoice {
  @Field() order!: string;
  @Field() total!: number;
}
