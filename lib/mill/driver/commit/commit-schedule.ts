import { type CommitEvery, defaultCommit } from '../run-options.js';

/**
 * Decides when the next commit is due: by elements or by time, whichever comes first. Never if nothing is remembered.
 */
export class CommitSchedule {
  private readonly elements: number;
  private readonly ms: number;
  private fed = 0;
  private changed = false;

  constructor(
    private readonly remembers: boolean,
    every: CommitEvery,
    private last: number,
  ) {
    this.elements = every.elements ?? defaultCommit.elements;
    this.ms = every.ms ?? defaultCommit.ms;
  }

  /** The number of master elements that may be fed before the next commit. */
  get allowance(): number {
    return this.remembers ? this.elements - this.fed : Number.POSITIVE_INFINITY;
  }

  /** Counts progress of the lane since the last commit: this many master elements, or other changes. */
  advance(masterElements: number): void {
    this.fed += masterElements;
    this.changed = true;
  }

  /** There was progress since the last commit. */
  get isBehind(): boolean {
    return this.remembers && this.changed;
  }

  due(now: number): boolean {
    const { deadline } = this;
    return this.allowance <= 0 || (deadline !== undefined && now >= deadline);
  }

  get deadline(): number | undefined {
    return this.isBehind ? this.last + this.ms : undefined;
  }

  committed(now: number): void {
    this.last = now;
    this.fed = 0;
    this.changed = false;
  }
}
