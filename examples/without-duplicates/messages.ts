import { Field, Message } from 'watermill';

@Message()
export class Line {
  @Field() text!: string;
}

@Message()
export class Word {
  @Field() word!: string;
}

/** How often a word has come: what is kept of each. */
@Message()
export class Seen {
  @Field() times!: number;
}
