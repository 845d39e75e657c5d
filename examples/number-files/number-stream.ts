import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from 'watermill';
import { BatchStream, directorySource } from 'watermill/batches';
import { statsOf } from './stats.js';

export interface Places {
  /** The folder that receives files, with one number per line. */
  readonly input: string;
  /** The file for statistics, one line per file. */
  readonly output: string;
  /** The folder for the progress of the stream. */
  readonly state: string;
}

/**
 * Three files at a time, in the order of their arrival, at most every 30 seconds. A failed batch is repeated with the
 * same files: their order is in a journal, so names, clocks and file times do not matter.
 */
export function makeStream({ input, state }: Places, clock?: Clock) {
  const numbers = directorySource(input, {
    maxFiles: 3,
    settleMs: 0,
    journal: path.join(state, 'journal'),
    file: (text, { name }) => ({ name, numbers: text.split('\n').filter(Boolean).map(Number) }),
  });
  return new BatchStream({
    sources: { numbers },
    directory: path.join(state, 'stream'),
    minIntervalMs: 30_000,
    retries: { max: 10 },
    ...(clock && { clock }),
  });
}

type Numbers = readonly { readonly name: string; readonly numbers: readonly number[] }[];

/** Writes the statistics of each file; fails if `isFlaky` says so, before anything is written. */
export function writeStats(files: Numbers, { output }: Places, isFlaky: () => boolean): void {
  const shown = files.map(({ name, numbers }) => `'${name}': [${numbers.join(', ')}]`).join(', ');
  if (isFlaky()) throw new Error(`raising error on batch: {${shown}}`);
  mkdirSync(path.dirname(output), { recursive: true });
  const lines = files.map(({ name, numbers }) => {
    const { count, mean, stdev } = statsOf(numbers);
    return `${name}: [${numbers.join(', ')}] -> (count=${count}, mean=${mean}, stdev=${stdev})\n`;
  });
  appendFileSync(output, lines.join(''));
}
