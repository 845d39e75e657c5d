import { Field, Message } from 'watermill';

@Message()
export class PageView {
  @Field() at!: Date;
  @Field() page!: string;
}

@Message()
export class Session {
  @Field() start!: Date;
  @Field() end!: Date;
  @Field() views!: number;
  @Field() entered!: string;
  @Field() left!: string;
  @Field() bought!: boolean;
}
