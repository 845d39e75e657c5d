import { Field, Message } from 'watermill';

@Message()
export class RobotLocation {
  /** Seconds. */
  @Field() time!: number;
  /** Metres. */
  @Field() x!: number;
  @Field() y!: number;
}

@Message()
export class MeanLocation {
  @Field({ name: 'half_minute' }) halfMinute!: number;
  @Field() count!: number;
  @Field() x!: number;
  @Field() y!: number;
}
