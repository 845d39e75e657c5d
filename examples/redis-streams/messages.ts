import { Field, Message } from 'watermill';

/** What a device says: the fields of an entry. */
@Message()
export class Reading {
  @Field() sensor!: string;
  @Field() value!: number;
}

/** The same, with where it came from. */
@Message()
export class TracedReading {
  @Field() sensor!: string;
  @Field() value!: number;
  @Field({ name: '_redis_stream' }) stream!: string;
  @Field({ name: '_redis_message_id' }) id!: string;
}
