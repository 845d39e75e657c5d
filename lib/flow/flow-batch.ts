import type { FlowCall, Push } from './flow-call.js';
import type { FlowStep } from './flow-steps.js';
import type { FlowLane } from './keyed/flow-lane.js';
import { StepState } from './keyed/step-state.js';

/** The open list of a `batch` step in one lane. */
export class FlowBatch extends StepState {
  private list: unknown[] = [];
  /** The time when its first value arrived. */
  private since = 0;
  /** The list and its length at the start of the call in progress. */
  private before: unknown[] = this.list;
  private sizeBefore = 0;
  private sinceBefore = 0;

  constructor(
    private readonly step: FlowStep & { what: 'batch' },
    private readonly next: Push,
    private readonly lane: FlowLane,
  ) {
    super('batch', lane.flow);
  }

  readonly push: Push = (value, _key, call) => {
    if (this.list.length === 0 && this.step.timeoutMs !== undefined) this.since = this.lane.now();
    this.list.push(value);
    return this.list.length < this.step.size ? undefined : this.emit(call);
  };

  override get isHolding(): boolean {
    return this.list.length > 0;
  }

  /** The time when the open list is due to be passed on. */
  override get deadline(): number | undefined {
    const { timeoutMs } = this.step;
    return timeoutMs === undefined || !this.isHolding ? undefined : this.since + timeoutMs;
  }

  override ring(now: number, call: FlowCall): void | Promise<void> {
    const { deadline } = this;
    if (deadline === undefined || deadline > now) return undefined;
    // If the call fails, the list waits for the timeout again.
    this.sinceBefore = now;
    return this.emit(call);
  }

  override end(call: FlowCall): void | Promise<void> {
    return this.isHolding ? this.emit(call) : undefined;
  }

  /** Passes the list on, whatever its length. */
  private emit(call: FlowCall): void | Promise<void> {
    const { list } = this;
    this.list = [];
    // If the call fails, the original list is needed again, so the next step gets a copy that it may change.
    return this.next(list === this.before ? list.slice() : list, undefined, call);
  }

  callBegins(): void {
    this.before = this.list;
    this.sizeBefore = this.list.length;
    this.sinceBefore = this.since;
  }

  override callFailed(): void {
    this.list = this.before;
    this.list.length = this.sizeBefore;
    this.since = this.sinceBefore;
  }
}
