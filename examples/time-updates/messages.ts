import { Field, Message } from 'watermill';

@Message()
export class Tick {
  @Field() at!: Date;
}

/** A text under a name: `time`. */
@Message()
export class Value {
  @Field() name!: string;
  @Field() text!: string;
}
