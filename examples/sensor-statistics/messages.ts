import { alias, Field, Message } from 'watermill';

@Message()
export class Reading {
  /** Milliseconds since the sensor was switched on. */
  @Field({ name: 't' }) time!: number;
  @Field() celsius!: number;
}

/** A reading that came too late for its minute. */
@Message()
export class LateReading extends alias(Reading, 'LateReading') {}

@Message()
export class MinuteStatistics {
  @Field() minute!: number;
  @Field() readings!: number;
  @Field() lowest!: number;
  @Field() highest!: number;
  @Field() mean!: number;
}
