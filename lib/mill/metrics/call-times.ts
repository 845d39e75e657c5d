import { performance } from 'node:perf_hooks';
import type { CallAnswer, CallsAnswer, UnmatchedAnswer } from '../lane/answer.js';
import { callBounds, Histogram } from '../report/histogram.js';
import type { LaneCalls } from '../report/lane-calls.js';

/**
 * The durations of calls in all lanes of a mill. Consecutive synchronous calls count with their mean: they cost only
 * two reads of the clock.
 */
export class CallTimes {
  readonly seconds = new Histogram(callBounds);

  readonly watch = (calls: LaneCalls): LaneCalls => new TimedCalls(calls, this.seconds);
}

class TimedCalls implements LaneCalls {
  constructor(
    private readonly calls: LaneCalls,
    private readonly seconds: Histogram,
  ) {}

  get inProgress(): Promise<unknown> | undefined {
    return this.calls.inProgress;
  }

  call(call: CallAnswer): boolean | Promise<boolean> {
    const begun = performance.now();
    let ended: boolean | Promise<boolean> | undefined;
    try {
      ended = this.calls.call(call);
    } finally {
      this.note(begun, 1, ended);
    }
    return ended;
  }

  several(answer: CallsAnswer): boolean | Promise<boolean> {
    const before = answer.done;
    const begun = performance.now();
    let ended: boolean | Promise<boolean> | undefined;
    try {
      ended = this.calls.several(answer);
    } finally {
      this.note(begun, answer.done - before, ended);
    }
    return ended;
  }

  unmatched(answer: UnmatchedAnswer): boolean | Promise<boolean> {
    return this.calls.unmatched(answer);
  }

  private note(begun: number, count: number, ended: boolean | Promise<boolean> | undefined): void {
    const pending = typeof ended === 'object' ? ended : this.inProgress;
    if (pending === undefined) this.add(begun, count);
    else this.addOnceSettled(pending, begun, count);
  }

  /** Separate from the synchronous path, which creates no closure. */
  private addOnceSettled(pending: Promise<unknown>, begun: number, count: number): void {
    const settled = (): void => this.add(begun, count);
    pending.then(settled, settled);
  }

  private add(begun: number, count: number): void {
    if (count > 0) this.seconds.add((performance.now() - begun) / 1_000 / count, count);
  }
}
