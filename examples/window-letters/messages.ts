import { Field, Message } from 'watermill';

@Message()
export class Letter {
  @Field() key!: string;
  @Field() time!: Date;
  @Field() val!: string;
}

/** The letters of a key in a window; also the state of an open one. */
@Message()
export class Letters {
  @Field(() => [String]) letters!: readonly string[];
}

@Message()
export class WindowOfLetters extends Letters {
  @Field() key!: string;
  @Field() start!: Date;
  @Field() end!: Date;
}
