import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Work } from './bench.js';
import { JsonDigest } from './digest.js';

/** The position of a robot at a time. */
export interface Location {
  readonly time: number;
  readonly x: number;
  readonly y: number;
}

/** The positions in a file, and the result for two of them. */
export interface Track {
  readonly name: string;
  readonly at: (index: number) => Location;
  readonly speed: (from: Location, to: Location) => number;
}

/** Metres with two decimals; speeds have all the digits of a double. */
export const fractions: Track = {
  name: 'fractions',
  at: (index) => ({ time: index * 10, x: xOf(index) / 100, y: yOf(index) / 100 }),
  speed: (from, to) => distance(from, to) / (to.time - from.time),
};

/** Whole centimetres; speeds are rounded. */
export const wholeNumbers: Track = {
  name: 'whole',
  at: (index) => ({ time: index * 10, x: xOf(index), y: yOf(index) }),
  speed: (from, to) => Math.round((distance(from, to) * 1_000) / (to.time - from.time)),
};

/** A winding path, in centimetres: the two coordinates have different periods. */
const xOf = (index: number): number => Math.round(5000 + 4000 * Math.sin(index / 1000));
const yOf = (index: number): number => Math.round(5000 + 4000 * Math.cos(index / 777));

function distance(from: Location, to: Location): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return Math.sqrt(dx * dx + dy * dy);
}

export function locationsFile({ folder, size }: Work, { name }: Track): string {
  return path.join(folder, `locations-${name}-${size}.json`);
}

/** Writes the locations of a track, one every ten milliseconds, as one JSON array, once per folder. */
export function writeLocations(work: Work, track: Track): void {
  const file = locationsFile(work, track);
  if (existsSync(file)) return;
  const unfinished = `${file}.unfinished`;
  const descriptor = openSync(unfinished, 'w');
  for (const text of pieces(work.size, (i) => JSON.stringify(track.at(i)))) writeSync(descriptor, text);
  closeSync(descriptor);
  renameSync(unfinished, file);
}

/** Returns the digest of the speeds of these locations, computed one by one. */
export function expectedSpeeds(count: number, track: Track): string {
  const digest = new JsonDigest();
  const speedAt = (i: number) => {
    const [here, there] = [track.at(i), track.at(i + 1)];
    return JSON.stringify({ time_from: here.time, time_to: there.time, speed: track.speed(here, there) });
  };
  for (const text of pieces(count - 1, speedAt)) digest.add(Buffer.from(text));
  return String(digest);
}

/** Yields the text of a JSON array, in pieces. */
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
