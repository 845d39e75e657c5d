import { Field, Message } from 'watermill';

@Message()
export class Payment {
  @Field() at!: Date;
  @Field() card!: string;
  /** Cents. */
  @Field() amount!: number;
  @Field() accepted!: boolean;
}

/** The history of a card. */
@Message()
export class CardHistory {
  @Field() card!: string;
  /** The number of accepted payments, and their sum in cents. */
  @Field() payments!: number;
  @Field() total!: number;
  /** The times of the latest rejected payments, as many as the rule needs. */
  @Field(() => [Date]) rejected!: readonly Date[];
}

@Message()
export class FraudAlert {
  @Field() at!: Date;
  @Field() card!: string;
  @Field() reason!: string;
}
