import {
  type Broker,
  field,
  type Joined,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  lines,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { Activity, Line, Weather } from './messages.js';

const weatherAtActivity = joinStreams(
  Activity,
  joinWith(Weather, {
    left: field(Activity, 'timestamp'),
    right: field(Weather, 'timestamp'),
    asOf: 'backward',
    kind: 'left',
  }),
);

/** The last weather report before the activity, even if it arrives late: the join waits until it is certain. */
export const tellWeather = processFunction(
  weatherAtActivity,
  { emits: [Line] },
  ({ value }, weather: Joined<Activity, Weather>) => {
    const [[last] = []] = [...weather.values()];
    return message(Line, { text: `The weather during ${value} was ${last?.value ?? '?'}` });
  },
);

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Activity, `${samples}/activities.csv`],
    [Weather, `${samples}/weather.csv`],
    [Line, `${out}/weather-at-activity.txt`, { format: lines() }],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: tellWeather, broker });
}
