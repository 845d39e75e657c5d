import 'reflect-metadata';
import { Field, field, joinStreams, joinWith, Message, message, processFunction } from 'watermill';

@Message()
export class Left {
  @Field() time!: number;
  @Field() x!: number;
}

@Message()
export class Right {
  @Field() time!: number;
  @Field() y!: number;
}

@Message()
export class Both {
  @Field() time!: number;
  @Field() x!: number;
  @Field() y!: number;
}

const tree = joinStreams(Left, joinWith(Right, { left: field(Left, 'time'), right: field(Right, 'time') }));

/** Joins two streams on equal times. */
export const pairUp = processFunction(tree, { emits: [Both] }, (here, found) => {
  const there = found.first(here);
  return message(Both, { time: here.time, x: here.x, y: there?.y ?? 0 });
});

/** The streams of the join. */
export interface JoinPlaces {
  readonly left: string;
  readonly right: string;
  readonly output: string;
}

/** Returns the JSON of the element of this time. */
export const leftText = (time: number): string => `{"time":${time},"x":${(time % 100) + 0.5}}`;
export const rightText = (time: number): string => `{"time":${time},"y":${(time % 90) + 0.25}}`;
