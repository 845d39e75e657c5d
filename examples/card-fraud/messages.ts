import { Field, Message } from 'watermill';

@Message()
export class Payment {
  @Field() at!: Date;
  @Field() card!: string;
  /** Cents. */
  @Field() amount!: number;
  @Field() accepted!: boolean;
}

/** What is kept of each card. */
@Message()
export class CardHistory {
  @Field() card!: string;
  /** The number of accepted payments, and their sum in cents. */
  @Field() payments!: number;
  @Field() total!: number;
  /** When the latest payments were rejected: as many as the rule looks back. */
  @Field(() => [Date]) rejected!: readonly Date[];
}

@Message()
export class FraudAlert {
  @Field() at!: Date;
  @Field() card!: string;
  @Field() reason!: string;
}
