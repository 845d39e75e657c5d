import { Field, Message } from 'watermill';

/** Of the results of `robot-speed` this mill reads what it needs; other fields are ignored. */
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
