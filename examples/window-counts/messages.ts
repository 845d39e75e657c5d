import { Field, Message } from 'watermill';

@Message()
export class Hit {
  @Field() at!: Date;
  @Field() key!: string;
  @Field() hits!: number;
}

@Message()
export class HitCount {
  @Field() key!: string;
  @Field() start!: Date;
  @Field() hits!: number;
}
/** The state of an open window. */
@Message()
export class Hits {
  @Field() hits!: number;
}
