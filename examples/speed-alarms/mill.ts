import { type Broker, JsonFileMessageBroker, message, processFunction, sessionWindow, WaterMill } from 'watermill';
import { RobotSpeed, SpeedAlarm } from './messages.js';

/** In the unit of the speeds. */
const limit = 5;

/** Speeds at most a quarter of a minute apart belong together: one alarm for each stretch, not one for each speed. */
export const stretches = sessionWindow(RobotSpeed, (speed) => speed.timeFrom, { gap: 15 });

export const watchSpeeds = processFunction(stretches, { emits: [SpeedAlarm] }, (speeds) => {
  const tooFast = speeds.filter(({ speed }) => speed > limit);
  const [first] = tooFast;
  if (first === undefined) return undefined;
  return message(SpeedAlarm, { timeFrom: first.timeFrom, top: Math.max(...tooFast.map(({ speed }) => speed)) });
});

export function files(samples = 'fixtures/two-alarms', out = 'out') {
  return new JsonFileMessageBroker([
    [RobotSpeed, `${samples}/inputs/RobotSpeed.ndjson`],
    [SpeedAlarm, `${out}/speed-alarms.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: watchSpeeds, broker });
}
