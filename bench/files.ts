import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Measure, Outcome, Work } from './support/bench.js';
import { digestOfFile } from './support/digest.js';
import { distance, locationsFile, measureSpeeds, writeLocations } from './support/robots.js';
import { timed } from './support/timed.js';

/** The main job: a file joined with itself, from file to file, through decorated classes. */
export const measures: readonly Measure[] = [
  {
    name: 'files',
    size: 2_000_000,
    ours: { prepare: writeLocations, run: throughMill },
    reference: { prepare: writeLocations, run: byHand },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 1.5 } },
      { suffix: 'memory', unit: 'MB resident', target: { oursAtMost: 130 }, ltsTarget: { oursAtMost: 180 } },
    ],
  },
];

async function throughMill(work: Work): Promise<Outcome> {
  const input = locationsFile(work);
  const output = path.join(work.folder, 'ours.json');
  return timed(
    () => measureSpeeds(input, output),
    () => digestOfFile(output),
  );
}

async function byHand(work: Work): Promise<Outcome> {
  const input = locationsFile(work);
  const output = path.join(work.folder, 'reference.json');
  return timed(
    () => writeSpeeds(input, output),
    () => digestOfFile(output),
  );
}

interface Location {
  readonly time: number;
  readonly x: number;
  readonly y: number;
}

interface Speed {
  readonly time_from: number;
  readonly time_to: number;
  readonly speed: number;
}

/** The obvious program: everything is read, parsed, merged and written at once. */
function writeSpeeds(input: string, output: string): void {
  const locations: Location[] = JSON.parse(readFileSync(input, 'utf8'));
  const speeds: Speed[] = [];
  let next = 0;
  for (const here of locations) {
    while (next < locations.length && locations[next]!.time < here.time + 10) next++;
    const there = locations[next];
    if (there === undefined || there.time !== here.time + 10) continue;
    const speed = distance(here, there) / (there.time - here.time);
    speeds.push({ time_from: here.time, time_to: there.time, speed });
  }
  writeFileSync(output, JSON.stringify(speeds));
}
