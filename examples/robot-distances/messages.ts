import { alias, Field, Message } from 'watermill';

@Message()
export class RobotLocation {
  /** Seconds. */
  @Field() time!: number;
  /** Metres. */
  @Field() x!: number;
  @Field() y!: number;
}

/** One node class per robot, created at run time. */
export const robots = ['robot-1', 'robot-2', 'robot-3', 'robot-4'].map((name) => alias(RobotLocation, name));

@Message()
export class NearRobots {
  @Field() time!: number;
  @Field() robots!: string;
  @Field() metres!: number;
}
