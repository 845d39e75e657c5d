import { readFileSync, writeFileSync } from 'node:fs';
import type { Location, Track } from './locations.js';

interface Speed {
  readonly time_from: number;
  readonly time_to: number;
  readonly speed: number;
}

/** The obvious program: reads, parses, merges and writes everything at once. */
export function writeSpeeds(input: string, output: string, track: Track, apart = 1): void {
  const locations: Location[] = JSON.parse(readFileSync(input, 'utf8'));
  const speeds: Speed[] = [];
  const ahead = 10 * apart;
  let next = 0;
  for (const here of locations) {
    while (next < locations.length && locations[next]!.time < here.time + ahead) next++;
    const there = locations[next];
    if (there === undefined || there.time !== here.time + ahead) continue;
    speeds.push({ time_from: here.time, time_to: there.time, speed: track.speed(here, there) });
  }
  writeFileSync(output, JSON.stringify(speeds));
}
