import 'reflect-metadata';
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
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
import type { Work } from './bench.js';
import { JsonDigest } from './digest.js';

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

class SpeedMeter {
  @Process()
  measure(here: RobotLocation, next: Joined<RobotLocation, NextLocation>): RobotSpeed {
    const there = next.first(here)!;
    const speed = new RobotSpeed();
    speed.timeFrom = here.time;
    speed.timeTo = there.time;
    speed.speed = distance(here, there) / (there.time - here.time);
    return speed;
  }
}

/** Joins the file with itself, each location with the one after it, into another file. */
export async function measureSpeeds(input: string, output: string): Promise<void> {
  const broker = new JsonFileMessageBroker([
    [RobotLocation, input],
    [NextLocation, input],
    [RobotSpeed, output],
  ]);
  const joinTree = joinStreams(
    RobotLocation,
    joinWith(NextLocation, { left: field(RobotLocation, 'time').plus(10), right: field(NextLocation, 'time') }),
  );
  await new WaterMill({ process: SpeedMeter, joinTree, broker }).run();
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export function distance(from: Place, to: Place): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return Math.sqrt(dx * dx + dy * dy);
}

/** The locations of a robot on a winding way: its place at every tenth millisecond, with two decimals. */
export function locationAt(index: number): { time: number; x: number; y: number } {
  const x = Math.round(5000 + 4000 * Math.sin(index / 1000)) / 100;
  const y = Math.round(5000 + 4000 * Math.cos(index / 777)) / 100;
  return { time: index * 10, x, y };
}

export function locationsFile({ folder, size }: Work): string {
  return path.join(folder, `locations-${size}.json`);
}

/** Writes so many locations as one JSON array, once per folder. */
export function writeLocations(work: Work): void {
  const file = locationsFile(work);
  if (existsSync(file)) return;
  const unfinished = `${file}.unfinished`;
  const descriptor = openSync(unfinished, 'w');
  for (const text of pieces(work.size, (i) => JSON.stringify(locationAt(i)))) writeSync(descriptor, text);
  closeSync(descriptor);
  renameSync(unfinished, file);
}

/** The digest of the speeds that so many locations give, worked out one by one. */
export function expectedSpeeds(count: number): string {
  const digest = new JsonDigest();
  const speedAt = (i: number) => {
    const [here, there] = [locationAt(i), locationAt(i + 1)];
    return JSON.stringify({ time_from: here.time, time_to: there.time, speed: distance(here, there) / 10 });
  };
  for (const text of pieces(count - 1, speedAt)) digest.add(Buffer.from(text));
  return String(digest);
}

/** The text of a JSON array of so many elements, in pieces. */
function* pieces(count: number, element: (index: number) => string): Generator<string> {
  let piece = '[';
  for (let i = 0; i < count; i++) {
    piece += `${i > 0 ? ',' : ''}${element(i)}`;
    if (piece.length < 1 << 20) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]`;
}
