import { Field, Message } from 'watermill';

@Message()
export class Weather {
  @Field() timestamp!: Date;
  @Field() value!: string;
}

@Message()
export class Activity {
  @Field() timestamp!: Date;
  @Field() value!: string;
}

@Message()
export class Line {
  @Field() text!: string;
}
