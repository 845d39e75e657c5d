import { WaterMillError } from '../../base/watermill-error.js';
import type { CallAnswer, UnmatchedAnswer } from '../lane/answer.js';
import type { PlanNode } from '../plan/plan.js';
import type { CallGiven } from '../process/call-given.js';
import type { CallResults } from './call-results.js';
import { deadLetterOf, rawOf } from './dead-letter.js';
import { processError, reasonOf } from './failures.js';
import type { HeldResults } from './held-results.js';
import type { LaneContext } from './lane-context.js';
import type { Origins } from './origins.js';

/** The elements that a call was about, for its error. */
interface Subject {
  readonly node: PlanNode;
  readonly elements: readonly object[];
  readonly from: number;
  readonly to: number;
}

/**
 * Makes the calls of one lane, one at a time, and deals with those that fail as the process's `onError` says. A call
 * gives whether the process function ended the stream; a promise of it only where the function gave one.
 */
export class ProcessCalls {
  calls = 0;
  unmatchedCalls = 0;
  /** Master elements in these calls; one that is in several windows counts in each. */
  elements = 0;
  /** Calls that failed and were passed over. */
  failed = 0;
  /** The last call failed, and the policy is not to go on. */
  gaveUp = false;
  /** What the last call was about: a node, and the first position. */
  readonly subject = { node: 0, position: 0 };

  constructor(
    private readonly context: LaneContext,
    private readonly lane: string,
    private readonly results: CallResults,
    /** Where calls stay open until their results are saved. */
    private readonly held: HeldResults | undefined,
    /** Where the process asks for the origin of what it is called with. */
    private readonly origins: Origins | undefined,
  ) {}

  call(answer: CallAnswer): boolean | Promise<boolean> {
    this.calls++;
    this.subject.node = 0;
    this.subject.position = answer.from;
    this.elements += answer.elements.length;
    this.results.callBegins();
    const { process } = this.context;
    try {
      const ended = process.takeResults(process.call(answer, this.given(answer)), this.results);
      if (typeof ended === 'boolean') return ended;
      return ended.catch((error) => this.callFailed(error, this.subjectOfCall(answer)));
    } catch (error) {
      return this.callFailed(error, this.subjectOfCall(answer));
    }
  }

  private given({ from, to }: CallAnswer): CallGiven | undefined {
    if (this.held === undefined && this.origins === undefined) return undefined;
    return { dataKey: this.held?.open(), origin: this.origins?.of(from, to) };
  }

  unmatched(answer: UnmatchedAnswer): boolean | Promise<boolean> {
    this.unmatchedCalls++;
    this.subject.node = answer.node;
    this.subject.position = answer.position;
    this.results.callBegins();
    const { process } = this.context;
    try {
      const ended = process.takeResults(process.unmatched(answer.node, answer.element), this.results);
      if (typeof ended === 'boolean') return ended;
      return ended.catch((error) => this.callFailed(error, this.subjectOfUnmatched(answer)));
    } catch (error) {
      return this.callFailed(error, this.subjectOfUnmatched(answer));
    }
  }

  /** What the call gave is taken back; the policy says whether the lane goes on without it. */
  private callFailed(cause: unknown, subject: Subject): boolean {
    this.results.callFailed();
    const { onError, name } = this.context.plan.process;
    this.gaveUp = true;
    // A result that is none is a mistake in the program, not of this element.
    if (cause instanceof WaterMillError && cause.code === 'WM_RESULT') throw cause;
    const error = processError(cause, name, subject.node, subject.from, subject.to);
    if (onError === 'fail') throw error;
    this.gaveUp = false;
    this.failed++;
    this.context.logger.warn({ err: error, ...error.details }, error.message);
    if (onError !== 'skip') this.results.emit(onError.output, this.deadLetter(onError.deadLetter, cause, subject));
    return false;
  }

  private subjectOfCall({ elements, from, to }: CallAnswer): Subject {
    return { node: this.context.plan.nodes[0] as PlanNode, elements, from, to };
  }

  private subjectOfUnmatched({ node, element, position }: UnmatchedAnswer): Subject {
    return { node: this.context.plan.nodes[node] as PlanNode, elements: [element], from: position, to: position };
  }

  private deadLetter(message: Parameters<typeof deadLetterOf>[0], cause: unknown, subject: Subject): object {
    const { node, elements, from } = subject;
    const [stream, raw] = [node.input.label, rawOf(elements.length === 1 ? elements[0] : elements)];
    const { lane } = this;
    return deadLetterOf(message, { stream, lane, position: from, raw, error: reasonOf(cause), origin: undefined });
  }
}
