import { Field, Message } from 'watermill';

/** Points that a player has won. */
@Message()
export class Win {
  @Field() player!: string;
  @Field() points!: number;
}

/** The points of a player so far. */
@Message()
export class Standing {
  @Field() player!: string;
  @Field() points!: number;
}
