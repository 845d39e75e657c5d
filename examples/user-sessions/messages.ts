import { Field, Message } from 'watermill';

@Message()
export class PageView {
  @Field() at!: Date;
  @Field() user!: string;
  @Field() page!: string;
}

/** One visit of one user. */
@Message()
export class Visit {
  @Field() user!: string;
  @Field() start!: Date;
  @Field() end!: Date;
  @Field(() => [String]) pages!: string[];
}
