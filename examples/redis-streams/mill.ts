import { JsonFileMessageBroker, message, Origin, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisStream } from 'watermill/redis';
import { redisUrl } from '../support/redis.js';
import { Reading, TracedReading } from './messages.js';

export interface Stream {
  readonly key: string;
  /** `beginning`, `end`, or the id after which it starts. */
  readonly start: string;
  readonly file: string;
}

/** Adds the stream and the id of each entry to its fields. */
const trace = processFunction(Reading, { emits: [TracedReading], inject: [Origin] }, ({ sensor, value }, origin) =>
  message(TracedReading, { sensor, value, stream: `${origin.key}`, id: `${origin.id}` }),
);

export function makeMill({ key, start, file }: Stream): WaterMill {
  const redis = new RedisMessageBroker({
    url: redisUrl,
    entries: [[Reading, redisStream(key, { start, count: 500, fields: 'each' })]],
  });
  return new WaterMill({ process: trace, broker: [redis, new JsonFileMessageBroker([[TracedReading, file]])] });
}
