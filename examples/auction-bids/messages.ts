import { Field, Message } from 'watermill';

@Message()
export class Auction {
  @Field({ name: 'opens_at' }) opensAt!: Date;
  @Field({ name: 'closes_at' }) closesAt!: Date;
  @Field() lot!: string;
  @Field() reserve!: number;
}

@Message()
export class Bid {
  @Field() at!: Date;
  @Field() lot!: string;
  @Field() bidder!: string;
  @Field() amount!: number;
}

@Message()
export class Outcome {
  @Field() lot!: string;
  /** Bids while the auction was open. */
  @Field() bids!: number;
  /** Left out if the reserve was not reached. */
  @Field({ optional: true }) winner?: string;
  @Field({ optional: true }) price?: number;
}

/** A bid that no auction can have had: an unknown lot, too early, or far too late. */
@Message()
export class StrayBid {
  @Field() at!: Date;
  @Field() lot!: string;
  @Field() bidder!: string;
}
