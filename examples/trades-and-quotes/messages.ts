import { Field, Message } from 'watermill';

@Message()
export class Trade {
  @Field() time!: Date;
  @Field() symbol!: string;
  @Field() price!: number;
  @Field() shares!: number;
}

@Message()
export class Quote {
  @Field() time!: Date;
  @Field() symbol!: string;
  @Field() bid!: number;
  @Field() ask!: number;
}

/** A trade and its aggressor: the buyer, who paid more than the middle of the quote, or the seller. */
@Message()
export class SignedTrade {
  @Field() time!: Date;
  @Field() symbol!: string;
  @Field() price!: number;
  @Field() shares!: number;
  /** Left out if no quote of the symbol was recent enough. */
  @Field({ optional: true }) bid?: number;
  @Field({ optional: true }) ask?: number;
  @Field({ oneOf: ['buyer', 'seller', 'unknown'] }) hurried!: 'buyer' | 'seller' | 'unknown';
}
