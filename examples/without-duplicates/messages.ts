import { Field, Message } from 'watermill';

@Message()
export class Line {
  @Field() text!: string;
}

@Message()
export class Word {
  @Field() word!: string;
}

/** The count of a word. */
@Message()
export class Seen {
  @Field() times!: number;
}
