import { Field, Message } from 'watermill';

@Message()
export class Item {
  @Field() n!: number;
}

@Message()
export class Entry {
  @Field({ optional: true }) key?: string;
  @Field() value!: number;
}

@Message()
export class Sentence {
  @Field() text!: string;
}

/** A line to print. */
@Message()
export class Line {
  @Field() text!: string;
}
