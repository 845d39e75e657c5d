import {
  type Broker,
  field,
  Joined,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  message,
  Process,
  WaterMill,
} from 'watermill';
import { Click, ClickThrough, Impression } from './messages.js';

/** Seconds: later clicks are not attributed to the impression. */
const attribution = 10 * 60;

/** Each impression with the clicks of the same user on the same ad in the ten minutes after it. */
export const tree = joinStreams(
  Impression,
  joinWith(Click, {
    left: field(Impression, 'time'),
    right: field(Click, 'time'),
    within: [0, attribution],
    on: [
      [field(Impression, 'user'), field(Click, 'user')],
      [field(Impression, 'ad'), field(Click, 'ad')],
    ],
  }),
);

export class Attribution {
  @Process(tree, { emits: [ClickThrough] })
  attribute(impression: Impression, clicks: Joined<Impression, Click>): ClickThrough {
    const { ad, site, user, time } = impression;
    const group = clicks.of(impression);
    // The join is inner: there is at least one.
    const [first] = group as [Click, ...Click[]];
    return message(ClickThrough, {
      ...{ ad, site, user },
      shown: time,
      secondsToClick: first.time - time,
      clicks: group.length,
    });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Impression, `${samples}/impressions.ndjson`],
    [Click, `${samples}/clicks.ndjson`],
    [ClickThrough, `${out}/click-throughs.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: Attribution, broker });
}
