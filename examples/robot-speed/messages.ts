import { alias, Field, Message } from 'watermill';

@Message()
export class RobotLocation {
  /** Seconds. */
  @Field() time!: number;
  /** Metres. */
  @Field() x!: number;
  @Field() y!: number;
}

/** The same stream, seen as the place where the robot is next: a second node in the self-join. */
@Message()
export class NextLocation extends alias(RobotLocation, 'NextLocation') {}

@Message()
export class RobotSpeed {
  @Field({ name: 'time_from' }) timeFrom!: number;
  @Field({ name: 'time_to' }) timeTo!: number;
  @Field() speed!: number;
  @Field() unit!: string;
}
