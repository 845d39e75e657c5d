import { Field, Message } from 'watermill';

@Message()
export class Tick {
  @Field() at!: Date;
}
