import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '../support/random.js';
import type { MillProcess } from './mill-process.js';

/** The events before which a process is killed. */
export const moments = ['bytes', 'commits', 'lock', 'published'] as const;
export type Moment = (typeof moments)[number];

/** A mill over files, and the files that show its progress. */
export interface KilledMill {
  readonly start: () => MillProcess;
  /** The file that grows with the results, and its final length. */
  readonly growing: string;
  readonly bytes: number;
  /** The file that each commit replaces. The locks are in the same folder. */
  readonly progress: string;
  /** The files that are complete as soon as they exist. */
  readonly finals: readonly string[];
  /** The number of master elements in total, and between commits. */
  readonly elements: number;
  readonly perCommit: number;
}

/** The outcome of a run that was killed several times. */
export interface KilledRun {
  readonly kills: readonly Moment[];
  /** The number of elements that the last process has read, and the maximum allowed by the earlier commits. */
  readonly read: number;
  readonly mayRead: number;
}

/** Returns the decompressed text of a result file. */
export function resultText(file: string): Buffer {
  const bytes = readFileSync(file);
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/**
 * Starts a mill, kills it and restarts it, up to `most` times, at moments drawn from the seed; then lets it end. After
 * every kill a file with its final name, if there is one, must be complete: `check` verifies that.
 */
export class KilledRunner {
  private readonly random: Random;
  private readonly kills: Moment[] = [];
  private commits = 0;
  private lastCommit = '';

  constructor(
    private readonly mill: KilledMill,
    seed: number,
    private readonly check: (file: string, moment: Moment) => void,
  ) {
    this.random = new Random(seed);
  }

  async run(most: number): Promise<KilledRun> {
    while (this.kills.length < most) {
      const before = this.commits;
      const moment = this.draw();
      const outcome = await this.mill.start().killWhen(this.reached(moment));
      this.seeCommit();
      if (!outcome.killed) return this.result(outcome.read, before);
      this.kills.push(moment);
      for (const file of this.mill.finals.filter(existsSync)) this.check(file, moment);
    }
    const before = this.commits;
    const outcome = await this.mill.start().ended();
    if (outcome.killed) throw new Error('a process that was left alone was killed');
    return this.result(outcome.read, before);
  }

  /** Most kills happen in the middle of the work. */
  private draw(): Moment {
    return this.random.chance(0.7) ? this.random.pick(['bytes', 'commits']) : this.random.pick(['lock', 'published']);
  }

  private reached(moment: Moment): () => boolean {
    const { mill, random } = this;
    // The lock of the previously killed process still exists.
    const found = this.locks();
    const isTaken = () => this.locks().some((lock) => !found.includes(lock));
    if (moment === 'lock') return isTaken;
    if (moment === 'published') {
      const before = mill.finals.filter(existsSync).length;
      return before === mill.finals.length ? isTaken : () => mill.finals.filter(existsSync).length > before;
    }
    if (moment === 'commits') {
      const left = Math.max(1, mill.elements / mill.perCommit - this.commits);
      const until = this.commits + 1 + random.int(left / 2);
      return () => this.seeCommit() >= until;
    }
    const now = sizeOf(mill.growing);
    const until = now + 1 + random.int(Math.max(1, mill.bytes - now));
    return () => {
      this.seeCommit();
      return sizeOf(mill.growing) >= until;
    };
  }

  /** Returns the number of commits seen. There may have been more between two checks. */
  private seeCommit(): number {
    const commit = stateOf(this.mill.progress);
    if (commit !== this.lastCommit) this.commits++;
    this.lastCommit = commit;
    return this.commits;
  }

  private locks(): string[] {
    return filesIn(path.dirname(this.mill.progress)).filter((name) => name.endsWith('.lock'));
  }

  private result(read: number, commitsBefore: number): KilledRun {
    // A commit follows after this many elements were fed to the join: some of them may wait in it, once per process.
    const committed = (commitsBefore - 1 - this.kills.length) * this.mill.perCommit;
    return { kills: this.kills, read, mayRead: this.mill.elements - Math.max(0, committed) };
  }
}

/** Returns a text that changes whenever a file is replaced, changed, created or removed. */
function stateOf(file: string): string {
  const state = statSync(file, { bigint: true, throwIfNoEntry: false });
  return state === undefined ? '' : `${state.ino} ${state.mtimeNs}`;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Returns the names in a folder; none if there is no such folder. */
export function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
