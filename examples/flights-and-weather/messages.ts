import { Field, Message } from 'watermill';

@Message()
export class Flight {
  @Field({ name: 'departs_at' }) departsAt!: Date;
  @Field() flight!: string;
  @Field() origin!: string;
  @Field() destination!: string;
}

/** A report of an airport's weather station, about once an hour; sometimes it is silent. */
@Message()
export class Weather {
  @Field({ name: 'observed_at' }) observedAt!: Date;
  @Field() airport!: string;
  @Field({ name: 'wind_knots' }) windKnots!: number;
  @Field({ name: 'visibility_km' }) visibilityKm!: number;
}

@Message()
export class Departure {
  @Field({ name: 'departs_at' }) departsAt!: Date;
  @Field() flight!: string;
  @Field() origin!: string;
  /** All null if no report was recent enough. */
  @Field(() => Number, { name: 'wind_knots', nullable: true }) windKnots!: number | null;
  @Field(() => Number, { name: 'visibility_km', nullable: true }) visibilityKm!: number | null;
  @Field(() => Number, { name: 'report_age_minutes', nullable: true }) reportAgeMinutes!: number | null;
}
