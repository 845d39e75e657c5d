import { type Broker, JsonFileMessageBroker, message, WaterMill } from 'watermill';
import { flow, tumbling } from 'watermill/flow';
import { Hit, HitCount, Hits } from './messages.js';

/** Milliseconds. */
const size = 10 * 1000;

/**
 * The "count" of bytewax's `Dataflow.reduce_window`, with its input and its result. They sort the results before they
 * compare, since windows of several keys close in any order; here the order is fixed: as windows close, equal ones by
 * their last values.
 */
export const counts = flow(Hit)
  .keyBy(({ key }) => key)
  .reduceWindow('counts', Hits, {
    window: tumbling({ size }),
    at: ({ at }) => at,
    first: ({ hits }) => ({ hits }),
    add: (sum, { hits }) => ({ hits: sum.hits + hits }),
  })
  .map(({ key, start, value }) => message(HitCount, { key, start, hits: value.hits }))
  .to(HitCount);

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Hit, `${samples}/hits.ndjson`],
    [HitCount, `${out}/hit-counts.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: counts, broker });
}
