import { Field, Message } from 'watermill';

/** What the sensor in a lorry's hold says. */
@Message()
export class Temperature {
  @Field() truck!: string;
  @Field() at!: Date;
  @Field() celsius!: number;
}

/** Where a lorry is, a little less often. */
@Message()
export class Position {
  @Field() truck!: string;
  @Field() at!: Date;
  @Field() latitude!: number;
  @Field() longitude!: number;
}

/** A hold is too warm. Without a place where the lorry has not told one lately. */
@Message()
export class Alarm {
  @Field() truck!: string;
  @Field() at!: Date;
  @Field() celsius!: number;
  @Field({ optional: true }) latitude?: number;
  @Field({ optional: true }) longitude?: number;
}
