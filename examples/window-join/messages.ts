import { alias, Field, Message } from 'watermill';

@Message()
export class RobotLocation {
  /** Seconds. */
  @Field() time!: number;
  /** Metres. */
  @Field() x!: number;
  @Field() y!: number;
}

@Message()
export class NextLocation extends alias(RobotLocation, 'NextLocation') {}

@Message()
export class WayOfHalfMinute {
  @Field({ name: 'half_minute' }) halfMinute!: number;
  @Field() metres!: number;
  @Field() seconds!: number;
}
