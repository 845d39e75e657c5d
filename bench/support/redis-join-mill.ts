import { WaterMill } from 'watermill';
import { RedisMessageBroker, redisStream } from 'watermill/redis';
import { Both, type JoinPlaces, Left, leftText, pairUp, Right, rightText } from './pair-join.js';
import { filledStream, freshName, url } from './redis-streams.js';

/** The inputs of the join, filled once, and a fresh output. */
export async function joinStreamsOf(count: number): Promise<JoinPlaces> {
  const left = await filledStream('left', count, leftText);
  const right = await filledStream('right', count, rightText);
  return { left, right, output: freshName('both') };
}

/** Joins two streams on equal times, to their end. */
export async function joinThroughMill(
  { left, right, output }: JoinPlaces,
  guarantee: 'at-least-once' | 'exactly-once',
): Promise<void> {
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
  await new WaterMill({ process: pairUp, broker }).run();
}
