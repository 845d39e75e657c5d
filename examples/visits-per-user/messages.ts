import { Field, Message } from 'watermill';

@Message()
export class PageView {
  @Field() at!: Date;
  @Field() user!: string;
  @Field() page!: string;
}

/** The count of a user. */
@Message()
export class Visits {
  @Field() user!: string;
  @Field() count!: number;
  @Field() last!: Date;
}

/** Written once for each user with enough views. */
@Message()
export class Regular {
  @Field() user!: string;
  @Field() since!: Date;
}
