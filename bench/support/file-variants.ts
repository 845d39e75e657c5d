import path from 'node:path';
import type { Outcome, Variant } from './bench.js';
import { digestOfFile } from './digest.js';
import { locationsFile, type Track, writeLocations } from './locations.js';
import { timed } from './timed.js';

/** Writes the speeds of the locations in one file to another one. */
export type SpeedProgram = (input: string, output: string) => void | Promise<void>;

/** A program that reads the locations of a track, and the digest of its output. */
export function fileVariant(
  name: string,
  track: Track,
  program: SpeedProgram,
  digest: (output: string) => string | Promise<string> = digestOfFile,
): Variant {
  return {
    prepare: (work) => writeLocations(work, track),
    run: async (work): Promise<Outcome> => {
      const output = path.join(work.folder, `${name}.json`);
      return timed(
        () => program(locationsFile(work, track), output),
        () => digest(output),
      );
    },
  };
}
