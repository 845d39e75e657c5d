import { Field, Message } from 'watermill';

/** This mill reads only some fields of the results of `robot-speed`; other fields are ignored. */
@Message()
export class RobotSpeed {
  @Field({ name: 'time_from' }) timeFrom!: number;
  @Field() speed!: number;
}

@Message()
export class SpeedAlarm {
  @Field({ name: 'time_from' }) timeFrom!: number;
  @Field() top!: number;
}
