import { Field, Message } from 'watermill';

/** A reading of the sensor in a lorry's hold. */
@Message()
export class Temperature {
  @Field() truck!: string;
  @Field() at!: Date;
  @Field() celsius!: number;
}

/** The position of a lorry, sent less often. */
@Message()
export class Position {
  @Field() truck!: string;
  @Field() at!: Date;
  @Field() latitude!: number;
  @Field() longitude!: number;
}

/** A hold is too warm. Without a place if the lorry has not sent one recently. */
@Message()
export class Alarm {
  @Field() truck!: string;
  @Field() at!: Date;
  @Field() celsius!: number;
  @Field({ optional: true }) latitude?: number;
  @Field({ optional: true }) longitude?: number;
}
