import 'reflect-metadata';
import { Field, field, joinStreams, joinWith, Message, message, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisStream } from 'watermill/redis';
import { filledStream, freshName, url } from './redis-streams.js';

@Message()
class Left {
  @Field() time!: number;
  @Field() x!: number;
}

@Message()
class Right {
  @Field() time!: number;
  @Field() y!: number;
}

@Message()
class Both {
  @Field() time!: number;
  @Field() x!: number;
  @Field() y!: number;
}

const tree = joinStreams(Left, joinWith(Right, { left: field(Left, 'time'), right: field(Right, 'time') }));

export interface JoinStreams {
  readonly left: string;
  readonly right: string;
  readonly output: string;
}

/** The inputs of the join, filled once, and a fresh output. */
export async function joinStreamsOf(count: number): Promise<JoinStreams> {
  const left = await filledStream('left', count, (i) => `{"time":${i},"x":${(i % 100) + 0.5}}`);
  const right = await filledStream('right', count, (i) => `{"time":${i},"y":${(i % 90) + 0.25}}`);
  return { left, right, output: freshName('both') };
}

/** Joins two streams on equal times, to their end. */
export async function joinThroughMill(
  { left, right, output }: JoinStreams,
  guarantee: 'at-least-once' | 'exactly-once',
): Promise<void> {
  const process = processFunction(tree, { emits: [Both] }, (here, found) => {
    const there = found.first(here);
    return message(Both, { time: here.time, x: here.x, y: there?.y ?? 0 });
  });
  const broker = new RedisMessageBroker({
    url,
    group: freshName('mill'),
    guarantee,
    entries: [
      [Left, redisStream(left)],
      [Right, redisStream(right)],
      [Both, redisStream(output)],
    ],
  });
  await new WaterMill({ process, broker }).run();
}
