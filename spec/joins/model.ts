import { field } from '../../lib/expressions/field.js';
import { alias } from '../../lib/messages/alias.js';
import { Field } from '../../lib/messages/field.js';
import { Message } from '../../lib/messages/message-decorator.js';

@Message()
export class Place {
  @Field() lat!: number;
}

@Message()
export class Flight {
  @Field() time!: number;
  @Field() origin!: string;
  @Field() seq!: bigint;
  @Field() departs!: Date;
  @Field() delayed!: boolean;
  @Field() place!: Place;
}

@Message()
export class Weather {
  @Field() time!: number;
  @Field() airport!: string;
  @Field() seq!: bigint;
  @Field() at!: Date;
  @Field() clear!: boolean;
  @Field() place!: Place;
}

@Message()
export class Gate {
  @Field() time!: number;
}

@Message()
export class NextFlight extends alias(Flight, 'next-flight') {}

/** A plain subclass: for the compiler the same as its base. */
@Message()
export class LaterFlight extends Flight {}

export const byTime = { left: field(Flight, 'time'), right: field(Weather, 'time') };
export const bySeq = { left: field(Flight, 'seq'), right: field(Weather, 'seq') };
export const byDate = { left: field(Flight, 'departs'), right: field(Weather, 'at') };
export const byName = { left: field(Flight, 'origin'), right: field(Weather, 'airport') };
