import type { ElementCalls } from './answer.js';
import { CallSeries } from './call-series.js';
import type { FirstElement } from './input/runs.js';
import type { Run } from './windows/run.js';

const none: readonly never[] = Object.freeze([]);

/**
 * Calls for consecutive elements of a run. The elements stay in the array of the run, which is that of their batch: the
 * lane reads on only when the calls are made.
 */
export class ElementSeries extends CallSeries implements ElementCalls {
  elements: readonly object[] = none;
  start = 0;
  readonly groups = none;
  /** The index in the run of the element of the first call. */
  private first = 0;

  constructor(
    private readonly run: Run,
    doneKey: any,
    donePosition: number,
  ) {
    super(doneKey, donePosition);
  }

  /** Takes elements of the run as calls. None of these calls was made before a restart: runs begin after them. */
  take(): void {
    const { run } = this;
    this.first = run.at;
    this.elements = run.elements;
    this.start = run.start + run.at;
    this.count = Math.min(run.end - run.at, this.room);
    run.at += this.count;
  }

  positionOf(call: number): number {
    return this.run.positionAt(this.first + call);
  }

  get lastDone(): readonly [key: any, position: number] {
    const { done } = this;
    return done === 0 ? [this.doneKey, this.donePosition] : [this.orderKeyOf(done - 1), this.positionOf(done - 1)];
  }

  oldest(): FirstElement {
    const { done } = this;
    return { position: this.positionOf(done), orderKey: this.orderKeyOf(done), key: undefined };
  }

  private orderKeyOf(call: number): any {
    return this.run.orderKeyAt(this.first + call);
  }

  protected drop(): void {
    this.elements = none;
  }
}
