import { Field, Message } from 'watermill';

@Message()
export class Emoji {
  @Field() emoji!: string;
}

@Message()
export class EmojiCount {
  @Field() emoji!: string;
  @Field() count!: number;
}
