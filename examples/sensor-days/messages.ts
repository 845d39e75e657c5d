import { Field, Message } from 'watermill';

@Message()
export class Reading {
  @Field() at!: Date;
  @Field() sensor!: string;
  @Field() celsius!: number;
}

/** The statistics of one sensor on one local day. */
@Message()
export class SensorDay {
  @Field() sensor!: string;
  @Field() start!: Date;
  @Field() hours!: number;
  @Field() readings!: number;
  @Field() lowest!: number;
  @Field() highest!: number;
  @Field() mean!: number;
}
