import 'reflect-metadata';
import { Field, Message } from 'watermill';
import { digestOf } from './digest.js';

@Message()
export class Impression {
  @Field() time!: number;
  @Field() user!: number;
}

@Message()
export class Click {
  @Field() time!: number;
  @Field() user!: number;
}

@Message()
export class Attention {
  @Field() time!: number;
  @Field() clicks!: number;
  @Field() firstAt!: number;
}

/** Creates events of several users in turn, one per time unit. */
export function events<T extends Impression>(message: new () => T, count: number, users: number): T[] {
  return Array.from({ length: count }, (_, i) => {
    const event = new message();
    event.time = i;
    event.user = (i * 7) % users;
    return event;
  });
}

export function attentionOf(impression: Impression, clicks: readonly Click[]): Attention {
  const attention = new Attention();
  attention.time = impression.time;
  attention.clicks = clicks.length;
  attention.firstAt = clicks[0]!.time;
  return attention;
}

export function digestOfAttention(attentions: readonly Attention[]): string {
  return digestOf(attentions, ({ time, clicks, firstAt }) => [time, clicks, firstAt]);
}
