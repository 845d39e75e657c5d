import { Field, Message } from 'watermill';

@Message()
export class Impression {
  /** Seconds since 1970. */
  @Field() time!: number;
  @Field() user!: string;
  @Field() ad!: string;
  @Field() site!: string;
}

@Message()
export class Click {
  @Field() time!: number;
  @Field() user!: string;
  @Field() ad!: string;
}

@Message()
export class ClickThrough {
  @Field() ad!: string;
  @Field() site!: string;
  @Field() user!: string;
  @Field() shown!: number;
  /** From the impression to the first click. */
  @Field({ name: 'seconds_to_click' }) secondsToClick!: number;
  @Field() clicks!: number;
}
