import { safely } from '../../../base/shown-value.js';
import { isWaterMillError, type WaterMillError } from '../../../base/watermill-error.js';
import { isUnreadable, type MessageOrigin } from '../../../brokers/batch.js';
import { deadLetterOf } from '../../../brokers/dead-letter.js';
import type { PlanNode } from '../../plan/plan.js';
import type { CallResults } from '../results/call-results.js';
import { badValueError, where, withPolicies, writingUncalled } from '../results/lane-errors.js';
import { rawOf } from '../results/letter-raw.js';

/** The values of a node that are not elements. Each is passed when the lane asks for what follows it. */
export class BadValues {
  /** The number of values skipped by a policy. */
  count = 0;

  constructor(
    private readonly node: PlanNode,
    private readonly lane: string,
    /** Letters below this position were written. */
    public writtenBelow: number,
    private readonly emit: CallResults['emit'],
  ) {}

  /** Passes a bad value. Returns the error if the policy is to fail. */
  take(
    value: unknown,
    problem: unknown,
    position: number,
    originOf: () => MessageOrigin | undefined,
  ): WaterMillError | undefined {
    const { node, lane } = this;
    const policy = node.onBadMessage;
    // A WaterMillError thrown by the reader itself reports a mistake in the program, not in the message.
    const isMistake = isWaterMillError(problem);
    if (!isMistake && policy !== 'fail') {
      this.count++;
      if (policy === 'skip' || position < this.writtenBelow) return undefined;
    }
    const origin = safely(originOf);
    const error = badValueError(problem, node, position, origin);
    if (isMistake) return error;
    if (typeof policy === 'string') return withPolicies(error, node);
    const raw = origin?.raw ?? rawOf(isUnreadable(value) ? value.raw : value);
    const source = { stream: node.input.label, lane, position, raw, error: error.message, origin };
    const write = () => this.emit(policy.output, deadLetterOf(policy.deadLetter, source));
    writingUncalled(write, `the dead letter of ${where(node, position)}, with the raw message`, node, position);
    this.writtenBelow = position + 1;
    return undefined;
  }
}
