import { Field, Message } from 'watermill';

@Message()
export class Reading {
  @Field() at!: Date;
  @Field() sensor!: string;
  @Field() celsius!: number;
}

@Message()
export class Alarm {
  @Field() at!: Date;
  @Field() text!: string;
}
