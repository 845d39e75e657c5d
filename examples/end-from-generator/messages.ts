import { Field, Message } from 'watermill';

/** A packet that a sensor sends once a minute. */
@Message()
export class Packet {
  @Field() time!: number;
  @Field(() => [Number]) readings!: number[];
  /** The sensor is switched off after this packet. */
  @Field({ optional: true }) last?: boolean;
}

@Message()
export class Reading {
  @Field() time!: number;
  @Field() value!: number;
}
