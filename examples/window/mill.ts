import {
  type Broker,
  field,
  JsonFileMessageBroker,
  message,
  Process,
  WaterMill,
  WindowBounds,
  window,
} from 'watermill';
import { MeanLocation, RobotLocation } from './messages.js';

/** Groups the locations of half a minute into an array. */
export const halfMinutes = window(RobotLocation, field(RobotLocation, 'time').floorDiv(30));

export class Averager {
  @Process(halfMinutes, { emits: [MeanLocation] })
  mean(locations: RobotLocation[], bounds: WindowBounds<number>): MeanLocation {
    return message(MeanLocation, {
      halfMinute: bounds.start,
      count: locations.length,
      x: mean(locations.map(({ x }) => x)),
      y: mean(locations.map(({ y }) => y)),
    });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [RobotLocation, `${samples}/robot-locations.json`],
    [MeanLocation, `${out}/mean-locations.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: Averager, broker });
}

function mean(numbers: readonly number[]): number {
  const total = numbers.reduce((sum, number) => sum + number, 0);
  return Math.round((total / numbers.length) * 100) / 100;
}
