import type { CallsAnswer, CallsRow } from './answer.js';

/** Enough that the way from the lane to the process and back costs little a call. */
export const mostCalls = 64;

/** The calls that follow each other, as an answer that is filled. Its rows are used again. */
export abstract class SeveralCalls implements CallsAnswer {
  readonly what = 'calls';
  abstract readonly rows: readonly CallsRow[];
  count = 0;
  done = 0;
  /** How many elements the calls have in addition to their master elements. */
  protected held = 0;
  private most = mostCalls;

  /** No call is added to those that hold this many elements: what an answer holds must stay small compared to what a lane holds. */
  constructor(private readonly mostHeld: number) {}

  /** At most this many calls from now on. */
  limit(calls: number): void {
    this.most = Math.min(this.most, calls);
  }

  get isFull(): boolean {
    return this.count >= this.most || this.held >= this.mostHeld;
  }

  /** How many calls may be added that hold nothing but their master elements. */
  get room(): number {
    return this.most - this.count;
  }

  get isDone(): boolean {
    return this.done === this.count;
  }

  /** All calls are made. */
  protected reset(): void {
    this.count = 0;
    this.done = 0;
    this.held = 0;
  }
}
