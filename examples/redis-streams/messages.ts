import { Field, Message } from 'watermill';

/** A reading of a device: the fields of an entry. */
@Message()
export class Reading {
  @Field() sensor!: string;
  @Field() value!: number;
}

/** The same, with its origin. */
@Message()
export class TracedReading {
  @Field() sensor!: string;
  @Field() value!: number;
  @Field({ name: '_redis_stream' }) stream!: string;
  @Field({ name: '_redis_message_id' }) id!: string;
}
