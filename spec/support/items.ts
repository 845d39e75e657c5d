import { Field, Message } from 'watermill';

/** The elements of tests in which only their order and number matter. */
@Message()
export class Item {
  @Field() n!: number;
}

/** The result for an `Item`. */
@Message()
export class Result {
  @Field() n!: number;
}
