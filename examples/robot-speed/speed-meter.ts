import { injectable } from 'tsyringe';
import { field, Joined, joinStreams, joinWith, message, Process } from 'watermill';
import { NextLocation, RobotLocation, RobotSpeed } from './messages.js';
import { UnitSystem } from './unit-system.js';

/** Each location with the one ten seconds later. If that one is missing, the robot had no radio: no result. */
export const tree = joinStreams(
  RobotLocation,
  joinWith(NextLocation, {
    left: field(RobotLocation, 'time').plus(10),
    right: field(NextLocation, 'time'),
  }),
);

@injectable()
export class SpeedMeter {
  constructor(private readonly units: UnitSystem) {}

  @Process(tree, { emits: [RobotSpeed] })
  measure(here: RobotLocation, next: Joined<RobotLocation, NextLocation>): RobotSpeed[] {
    return next.of(here).map((there) =>
      message(RobotSpeed, {
        timeFrom: here.time,
        timeTo: there.time,
        speed: this.units.speed(Math.hypot(there.x - here.x, there.y - here.y), there.time - here.time),
        unit: this.units.speedUnit,
      }),
    );
  }
}
