import {
  type Broker,
  calendarWindow,
  field,
  foldWindow,
  JsonFileMessageBroker,
  message,
  processFunction,
  WaterMill,
  WindowBounds,
} from 'watermill';
import { Reading, SensorDay } from './messages.js';

const hour = 3_600_000;

/** A day in Berlin has 23, 24 or 25 hours; each sensor has its own windows. */
export const days = calendarWindow(Reading, field(Reading, 'at'), {
  unit: 'day',
  zone: 'Europe/Berlin',
  by: field(Reading, 'sensor'),
});

/** Whatever the number of readings in a day, only this is held of them. */
export const statistics = foldWindow(days, {
  initial: (sensor) => ({ sensor, readings: 0, sum: 0, lowest: Infinity, highest: -Infinity }),
  add: (day, { celsius }) => ({
    ...day,
    readings: day.readings + 1,
    sum: day.sum + celsius,
    lowest: Math.min(day.lowest, celsius),
    highest: Math.max(day.highest, celsius),
  }),
});

const summarise = processFunction(
  statistics,
  { inject: [WindowBounds], emits: [SensorDay] },
  ({ sensor, readings, sum, lowest, highest }, { start, end }) =>
    message(SensorDay, {
      sensor,
      start,
      hours: (end.getTime() - start.getTime()) / hour,
      readings,
      lowest,
      highest,
      mean: Math.round((sum / readings) * 100) / 100,
    }),
);

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Reading, `${samples}/readings.ndjson`],
    [SensorDay, `${out}/days.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: summarise, broker });
}
