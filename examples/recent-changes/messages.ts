import { Field, Message } from 'watermill';

/** A line of the answer of a streaming interface. */
@Message()
export class Change {
  @Field() text!: string;
}

@Message()
export class Notice {
  @Field() text!: string;
}
