import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '../support/random.js';
import { type Job, MillProcess } from './mill-process.js';

/** What is waited for before a process is killed. */
export const moments = ['bytes', 'commits', 'lock', 'published'] as const;
export type Moment = (typeof moments)[number];

/** How a run went that was killed now and then. */
export interface KilledRun {
  readonly kills: readonly Moment[];
  /** Elements that the last process has read, and the most that it may have read for all that was committed before. */
  readonly read: number;
  readonly mayRead: number;
}

/** The text of a result file, unpacked. */
export function resultText(file: string): Buffer {
  const bytes = readFileSync(file);
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/**
 * Starts a mill, kills it and starts it again, up to `most` times, at moments that the seed draws; then lets it end. After
 * every kill a file under its final name, if there is one, must be whole: that is asked of `check`.
 */
export class KilledRunner {
  private readonly random: Random;
  private readonly kills: Moment[] = [];
  private commits = 0;
  private lastCommit = '';

  constructor(
    private readonly job: Job,
    seed: number,
    /** How long the file of pairs is in the end, and how many elements the input has. */
    private readonly sizes: { readonly bytes: number; readonly elements: number },
    private readonly check: (file: string, moment: Moment) => void,
  ) {
    this.random = new Random(seed);
  }

  async run(most: number): Promise<KilledRun> {
    while (this.kills.length < most) {
      const before = this.commits;
      const moment = this.draw();
      const outcome = await new MillProcess(this.job).killWhen(this.reached(moment));
      this.seeCommit();
      if (!outcome.killed) return this.result(outcome.read, before);
      this.kills.push(moment);
      for (const file of this.finals().filter(existsSync)) this.check(file, moment);
    }
    const before = this.commits;
    const outcome = await new MillProcess(this.job).ended();
    if (outcome.killed) throw new Error('a process that was left alone was killed');
    return this.result(outcome.read, before);
  }

  /** Most kills are in the midst of the work. */
  private draw(): Moment {
    return this.random.chance(0.7) ? this.random.pick(['bytes', 'commits']) : this.random.pick(['lock', 'published']);
  }

  private reached(moment: Moment): () => boolean {
    const { job, random, sizes } = this;
    // The lock of a process that was killed before is still there.
    const found = this.locks();
    const isTaken = () => this.locks().some((lock) => !found.includes(lock));
    if (moment === 'lock') return isTaken;
    if (moment === 'published') {
      const before = this.finals().filter(existsSync).length;
      return before === this.finals().length ? isTaken : () => this.finals().filter(existsSync).length > before;
    }
    if (moment === 'commits') {
      const left = Math.max(1, sizes.elements / job.elements - this.commits);
      const until = this.commits + 1 + random.int(left / 2);
      return () => this.seeCommit() >= until;
    }
    const partial = `${job.pairs}.kill.partial`;
    const now = sizeOf(partial);
    const until = now + 1 + random.int(Math.max(1, sizes.bytes - now));
    return () => {
      this.seeCommit();
      return sizeOf(partial) >= until;
    };
  }

  /** How many commits were seen. Between two looks there may have been more. */
  private seeCommit(): number {
    const commit = stateOf(`${this.job.pairs}.kill.progress.json`);
    if (commit !== this.lastCommit) this.commits++;
    this.lastCommit = commit;
    return this.commits;
  }

  private locks(): string[] {
    return readdirSync(path.dirname(this.job.pairs)).filter((name) => name.endsWith('.lock'));
  }

  private finals(): string[] {
    return [this.job.pairs, this.job.counts].filter((file) => file !== undefined);
  }

  private result(read: number, commitsBefore: number): KilledRun {
    // A commit follows when so many were given to the join: some of them may wait in it, once per process.
    const committed = (commitsBefore - 1 - this.kills.length) * this.job.elements;
    return { kills: this.kills, read, mayRead: this.sizes.elements - Math.max(0, committed) };
  }
}

/** Another text whenever a file was replaced, changed, made or removed. */
function stateOf(file: string): string {
  const state = statSync(file, { bigint: true, throwIfNoEntry: false });
  return state === undefined ? '' : `${state.ino} ${state.mtimeNs}`;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The names of the files in the folder of a job. */
export function filesBeside(job: Job): string[] {
  return readdirSync(path.dirname(job.pairs)).sort();
}
