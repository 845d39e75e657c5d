import { Field, Message } from 'watermill';

@Message()
export class RobotLocation {
  /** Seconds. */
  @Field() time!: number;
  /** Metres. */
  @Field() x!: number;
  @Field() y!: number;
}
