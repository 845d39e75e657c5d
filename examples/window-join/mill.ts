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
  WindowBounds,
  window,
} from 'watermill';
import { NextLocation, RobotLocation, WayOfHalfMinute } from './messages.js';

/** A window on the master: it groups the locations that have a next one. */
export const tree = joinStreams(
  window(RobotLocation, field(RobotLocation, 'time').floorDiv(30)),
  joinWith(NextLocation, { left: field(RobotLocation, 'time').plus(10), right: field(NextLocation, 'time') }),
);

export class WayMeter {
  /** The map has an entry for each location of the window. */
  @Process(tree, { emits: [WayOfHalfMinute] })
  measure(
    locations: RobotLocation[],
    next: Joined<RobotLocation, NextLocation>,
    bounds: WindowBounds<number>,
  ): WayOfHalfMinute {
    let metres = 0;
    let seconds = 0;
    for (const here of locations) {
      for (const there of next.of(here)) {
        metres += Math.hypot(there.x - here.x, there.y - here.y);
        seconds += there.time - here.time;
      }
    }
    return message(WayOfHalfMinute, {
      halfMinute: bounds.start,
      metres: Math.round(metres * 10) / 10,
      seconds,
    });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [RobotLocation, `${samples}/robot-locations.json`],
    [NextLocation, `${samples}/robot-locations.json`],
    [WayOfHalfMinute, `${out}/ways.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: WayMeter, broker });
}
