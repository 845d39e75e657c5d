import { Field, Message } from 'watermill';

@Message()
export class Emoji {
  @Field() emoji!: string;
  /** Seconds. */
  @Field() time!: number;
}

@Message()
export class Line {
  @Field() text!: string;
}
