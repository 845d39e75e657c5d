import { safely } from '../../../base/shown-value.js';
import { isWaterMillError, type WaterMillError } from '../../../base/watermill-error.js';
import { isUnreadable, type MessageOrigin } from '../../../brokers/batch.js';
import { deadLetterOf } from '../../../brokers/dead-letter.js';
import type { LaneMachine } from '../../lane/lane-machine.js';
import type { PlanNode } from '../../plan/plan.js';
import { rawOf } from '../calls/dead-letter.js';
import { badValueError, withPolicies } from '../calls/failures.js';

interface Letter {
  readonly position: number;
  readonly element: object;
}

/**
 * The values of a node that are not elements. Values are read ahead of the lane, so a dead letter waits until the lane
 * has passed its position: bad values after an early end are never reported, and a restart knows which letters were
 * written.
 */
export class BadValues {
  /** The number of values skipped by a policy, at positions that the lane has passed. */
  private count = 0;
  /** The positions of skipped values that the lane has not passed. */
  private ahead: number[] = [];
  private letters: Letter[] = [];

  constructor(
    private readonly node: PlanNode,
    private readonly lane: string,
    /** Letters below this position were written. */
    public writtenBelow: number,
  ) {}

  /** Handles a bad value. Returns the error if the policy is to fail. */
  take(
    value: unknown,
    problem: unknown,
    position: number,
    originOf: () => MessageOrigin | undefined,
  ): WaterMillError | undefined {
    const policy = this.node.onBadMessage;
    const origin = policy === 'skip' ? undefined : safely(originOf);
    const error = badValueError(problem, this.node, position, origin);
    // A WaterMillError thrown by the reader itself reports a mistake in the program, not in the message.
    if (isWaterMillError(problem)) return error;
    if (policy === 'fail') return withPolicies(error, this.node);
    this.ahead.push(position);
    if (policy !== 'skip' && position >= this.writtenBelow) {
      const { node, lane } = this;
      const raw = origin?.raw ?? rawOf(isUnreadable(value) ? value.raw : value);
      const source = { stream: node.input.label, lane, position, raw, error: error.message, origin };
      this.letters.push({ position, element: deadLetterOf(policy.deadLetter, source) });
    }
    return undefined;
  }

  /** Emits the letters that the lane has passed; all of them once it has read this node to its end. */
  passed(lane: LaneMachine, emit: (output: number, element: object) => void): void {
    if (this.ahead.length === 0) return;
    const below = lane.passedBelow(this.node.index);
    const before = this.aheadBelow(below);
    this.count += before;
    this.ahead = this.ahead.slice(before);
    const policy = this.node.onBadMessage;
    if (this.letters.length === 0 || typeof policy === 'string') return;
    const count = this.letters.findIndex((letter) => letter.position >= below);
    const ready = count < 0 ? this.letters : this.letters.slice(0, count);
    for (const { element } of ready) emit(policy.output, element);
    this.writtenBelow = Math.max(this.writtenBelow, (ready.at(-1)?.position ?? -1) + 1);
    this.letters = this.letters.slice(ready.length);
  }

  /** The number of skipped values below a position that the lane has passed. */
  passedBelow(position: number): number {
    return this.count + this.aheadBelow(position);
  }

  private aheadBelow(below: number): number {
    const count = this.ahead.findIndex((position) => position >= below);
    return count < 0 ? this.ahead.length : count;
  }
}
