import { Field, Message } from 'watermill';

@Message()
export class PageView {
  @Field() at!: Date;
  @Field() user!: string;
  @Field() page!: string;
}

/** What is kept of each user. */
@Message()
export class Visits {
  @Field() user!: string;
  @Field() count!: number;
  @Field() last!: Date;
}

/** Written once for each user who has come often enough. */
@Message()
export class Regular {
  @Field() user!: string;
  @Field() since!: Date;
}
