import { Field, Message } from 'watermill';

/** A line of a streaming response. */
@Message()
export class Change {
  @Field() text!: string;
}

@Message()
export class Notice {
  @Field() text!: string;
}
