import { Field, Message } from 'watermill';

@Message()
export class Reading {
  @Field() sensor!: string;
  @Field() time!: Date;
  @Field(() => Number, { nullable: true }) celsius!: number | null;
}

@Message()
export class Warning {
  @Field() sensor!: string;
  @Field() celsius!: number;
}
