import {
  type Broker,
  field,
  JsonFileMessageBroker,
  message,
  Process,
  tumblingWindow,
  WaterMill,
  WindowBounds,
} from 'watermill';
import { LateReading, MinuteStatistics, Reading } from './messages.js';

/** Milliseconds. */
const minute = 60_000;
/** The radio may deliver a reading up to five seconds late; later ones are written to another file. */
const slack = 5_000;

export const minutes = tumblingWindow(Reading, field(Reading, 'time'), { size: minute });

export class Statistics {
  @Process(minutes, { emits: [MinuteStatistics] })
  summarise(readings: Reading[], bounds: WindowBounds<number>): MinuteStatistics {
    const values = readings.map(({ celsius }) => celsius);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return message(MinuteStatistics, {
      minute: bounds.start / minute,
      readings: values.length,
      lowest: Math.min(...values),
      highest: Math.max(...values),
      mean: Math.round(mean * 100) / 100,
    });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Reading, `${samples}/readings.ndjson`],
    [MinuteStatistics, `${out}/statistics.ndjson`],
    [LateReading, `${out}/late-readings.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({
    process: Statistics,
    broker,
    inputs: [[Reading, { order: { slack, late: LateReading } }]],
  });
}
