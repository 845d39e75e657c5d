import { thrownText } from '../../../base/thrown.js';
import { isWaterMillError, type WaterMillError } from '../../../base/watermill-error.js';
import { deadLetterOf } from '../../../brokers/dead-letter.js';
import { isOfFrozen } from '../../../messages/freeze.js';
import { isMisuse } from '../../process/no-result.js';
import type { Origins } from '../input/origins.js';
import type { LaneContext } from '../lane-context.js';
import type { CallResults } from '../results/call-results.js';
import {
  frozenError,
  misuseError,
  placeOf,
  processError,
  resultError,
  type Subject,
  writingUncalled,
} from '../results/lane-errors.js';
import { callRaw } from '../results/letter-raw.js';

/**
 * Handles the failed calls of one lane by the process's `onError`: throws the error, logs it, or writes a dead letter.
 */
export class FailedCalls {
  /** The number of calls that failed and were skipped. */
  count = 0;

  constructor(
    private readonly context: LaneContext,
    private readonly lane: string,
    /** By node: the origins of its elements, for the dead letters of calls. */
    private readonly origins: readonly (Origins | undefined)[],
  ) {}

  /** Applies the policy to a failed call. Throws if the lane must not continue. */
  continueAfter(cause: unknown, subject: Subject, emit: CallResults['emit']): void {
    const { onError } = this.context.plan.process;
    const error = this.errorOf(cause, subject);
    if (onError === 'fail') throw error;
    this.count++;
    this.context.logger.warn({ err: error, ...error.details }, error.message);
    if (onError === 'skip') return;
    const { node, elements, from } = subject;
    const what = `the dead letter of ${elements.length === 0 ? 'the call ' : ''}${placeOf(subject)}`;
    const write = () => emit(onError.output, this.deadLetter(onError.deadLetter, cause, subject));
    writingUncalled(write, what, node, from);
  }

  /** Returns whether the lane ends with a call that failed with this error. */
  isLast(cause: unknown): boolean {
    return this.context.plan.process.onError === 'fail' || isMisuse(cause);
  }

  /** Collects what the dead letter of a call needs before the lane continues. */
  keptForLetter(subject: Subject): Subject {
    if (typeof this.context.plan.process.onError === 'string') return subject;
    return { ...subject, elements: subject.elements.slice(), origins: this.originsOf(subject) };
  }

  private originsOf({ node, elements, from, to, origins }: Subject): NonNullable<Subject['origins']> {
    return origins ?? this.origins[node.index]?.ofEach(elements, from, to) ?? [];
  }

  private errorOf(cause: unknown, subject: Subject): WaterMillError {
    // A mistake in the program, not in this element.
    if (isMisuse(cause)) throw misuseError(cause, subject);
    const isOfResult = isWaterMillError(cause) && cause.code === 'WM_BAD_RESULT';
    const { freeze, plan } = this.context;
    const { onError } = plan.process;
    const failed = isOfResult ? resultError(cause, subject, onError) : processError(cause, subject, onError);
    return (freeze || plan.tables.length > 0) && isOfFrozen(cause) ? frozenError(failed, freeze, plan.tables) : failed;
  }

  private deadLetter(message: Parameters<typeof deadLetterOf>[0], cause: unknown, subject: Subject): object {
    const { node, elements, from } = subject;
    const origins = this.originsOf(subject);
    const origin = elements.length === 1 ? origins[0] : undefined;
    const raw = elements.length === 0 ? '' : callRaw(elements, origins, node.input.codec?.raw === true);
    const stream = node.input.label;
    return deadLetterOf(message, { stream, lane: this.lane, position: from, raw, error: thrownText(cause), origin });
  }
}
