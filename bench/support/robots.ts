import 'reflect-metadata';
import {
  alias,
  Field,
  field,
  Joined,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  Message,
  Process,
  WaterMill,
} from 'watermill';
import type { Track } from './locations.js';

@Message()
export class RobotLocation {
  @Field() time!: number;
  @Field() x!: number;
  @Field() y!: number;
}

@Message()
export class NextLocation extends alias(RobotLocation, 'NextLocation') {}

@Message()
export class RobotSpeed {
  @Field({ name: 'time_from' }) timeFrom!: number;
  @Field({ name: 'time_to' }) timeTo!: number;
  @Field() speed!: number;
}

/** Joins a file with itself, each location with the one that is `apart` elements after it, into another file. */
export async function measureSpeeds(input: string, output: string, track: Track, apart = 1): Promise<void> {
  await speedMill(input, output, track, apart).run();
}

/** The mill for this join. */
export function speedMill(input: string, output: string, track: Track, apart = 1): WaterMill {
  class SpeedMeter {
    @Process()
    measure(here: RobotLocation, next: Joined<RobotLocation, NextLocation>): RobotSpeed {
      const there = next.first(here)!;
      const speed = new RobotSpeed();
      speed.timeFrom = here.time;
      speed.timeTo = there.time;
      speed.speed = track.speed(here, there);
      return speed;
    }
  }
  const broker = new JsonFileMessageBroker([
    [RobotLocation, input],
    [NextLocation, input],
    [RobotSpeed, output],
  ]);
  const left = field(RobotLocation, 'time').plus(10 * apart);
  const joinTree = joinStreams(RobotLocation, joinWith(NextLocation, { left, right: field(NextLocation, 'time') }));
  return new WaterMill({ process: SpeedMeter, joinTree, broker });
}
