import { thrownText } from '../../../base/thrown.js';
import { isWaterMillError, type WaterMillError } from '../../../base/watermill-error.js';
import { isOfFrozen } from '../../../messages/freeze.js';
import type { CallsAnswer, CallsRow, UnmatchedAnswer } from '../../lane/answer.js';
import type { PlanNode } from '../../plan/plan.js';
import { type CallGiven, rowsOf } from '../../process/call-given.js';
import type { CallRows } from '../../process/call-rows.js';
import { isMisuse } from '../../process/no-result.js';
import type { ResultsBuffer } from '../commit/results-buffer.js';
import type { Origins } from '../input/origins.js';
import type { LaneContext } from '../lane-context.js';
import type { CallResults } from './call-results.js';
import { callRaw, deadLetterOf } from './dead-letter.js';
import { frozenError, misuseError, processError, resultError, type Subject } from './failures.js';
import type { HeldResults } from './held-results.js';

/** What a call is about. */
type Call = CallRows & { readonly from: number; readonly to: number };

/**
 * Makes the calls of one lane, one at a time, and deals with those that fail as the process's `onError` says. A call
 * gives whether the process function ended the stream; a promise of it only where the function gave one.
 */
export class ProcessCalls {
  private callsBefore = 0;
  /** The current series, and how many of its calls were made before. */
  private series: CallsAnswer | undefined;
  private doneBefore = 0;
  unmatchedCalls = 0;
  /** Calls that failed and were skipped. */
  failed = 0;
  /** The last call failed, and the policy is not to continue. */
  gaveUp = false;
  /** No further call is to be made. */
  isStopped = false;
  /** What the last call was about that was not done at once: a node, and the first position; undefined: the end. */
  subject: { readonly node: number; readonly position: number } | undefined = { node: 0, position: 0 };
  private readonly results: CallResults;
  /** Where the process asks for the origin of what it is called with. */
  private readonly origin: Origins | undefined;

  constructor(
    private readonly context: LaneContext,
    private readonly lane: string,
    private readonly buffer: ResultsBuffer,
    /** Where calls stay open until their results are saved. */
    private readonly held: HeldResults | undefined,
    /** By node: where its elements came from, for calls that ask for it and for the letters of those that fail. */
    private readonly origins: readonly (Origins | undefined)[],
  ) {
    this.results = held ?? buffer;
    const asks = context.plan.process.parameters.some(({ what }) => what === 'origin');
    this.origin = asks ? origins[0] : undefined;
  }

  get calls(): number {
    const { series, callsBefore } = this;
    return series === undefined ? callsBefore : callsBefore + series.done - this.doneBefore;
  }

  call(call: Call): boolean | Promise<boolean> {
    this.callsBefore++;
    this.results.callBegins();
    let returned: unknown;
    try {
      returned = this.context.process.call(call, this.given(call));
    } catch (error) {
      return this.callFailed(error, this.subjectOf(call));
    }
    return this.take(returned, call);
  }

  /** Makes the calls that follow, as far as it can without waiting. */
  several(answer: CallsAnswer): boolean | Promise<boolean> {
    if (this.held !== undefined || this.origin !== undefined) {
      answer.done++;
      return this.call(lastCall(answer));
    }
    while (answer.done < answer.count && !this.isStopped) {
      const returned = this.callEach(answer);
      if (returned === undefined) continue;
      this.results.callBegins();
      const ended = this.take(returned, lastCall(answer));
      if (ended !== false) return ended;
    }
    return false;
  }

  /** Makes calls up to one that gave something else than one result of the only class. */
  private callEach(answer: CallsAnswer): unknown {
    const before = answer.done;
    this.series = answer;
    this.doneBefore = before;
    try {
      const { buffer } = this;
      return this.context.process.callEach(answer, buffer.listOf(0), buffer.takerOf(0), this);
    } catch (error) {
      this.results.callBegins();
      this.callFailed(error, this.subjectOf(lastCall(answer)));
      return undefined;
    } finally {
      this.series = undefined;
      this.callsBefore += answer.done - before;
    }
  }

  unmatched(answer: UnmatchedAnswer): boolean | Promise<boolean> {
    this.unmatchedCalls++;
    this.results.callBegins();
    let returned: unknown;
    try {
      returned = this.context.process.unmatched(answer.node, answer.element);
    } catch (error) {
      return this.callFailed(error, this.subjectOf(answer));
    }
    return this.take(returned, answer);
  }

  /** Calls what is to be called when the streams have ended. Nothing follows it, so its results go straight to the output. */
  atEnd(call: () => unknown): Promise<void> | undefined {
    this.buffer.callBegins();
    const failed = (error: unknown): void => this.atEndFailed(error);
    try {
      const ended = this.context.process.takeResults(call(), this.buffer);
      if (typeof ended === 'boolean') return undefined;
      this.subject = undefined;
      return ended.then(() => {}, failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  private atEndFailed(cause: unknown): void {
    const node = this.context.plan.nodes[0] as PlanNode;
    const name = this.context.plan.process.atEnd?.name ?? '';
    this.buffer.callFailed();
    const error = this.errorOf(cause, name, { node, elements: [], from: -1, to: -1 });
    const { onError } = this.context.plan.process;
    if (onError === 'fail') throw error;
    this.failed++;
    this.context.logger.warn({ err: error, ...error.details }, error.message);
    if (onError === 'skip') return;
    const letter = { stream: node.input.label, lane: this.lane, position: -1, raw: '', error: thrownText(cause) };
    this.buffer.emit(onError.output, deadLetterOf(onError.deadLetter, { ...letter, origin: undefined }));
  }

  private take(returned: unknown, about: Call | UnmatchedAnswer): boolean | Promise<boolean> {
    try {
      const ended = this.context.process.takeResults(returned, this.results);
      if (typeof ended === 'boolean') return ended;
      const { node, from } = this.subjectOf(about);
      this.subject = { node: node.index, position: from };
      return ended.catch((error) => this.callFailed(error, this.subjectOf(about)));
    } catch (error) {
      return this.callFailed(error, this.subjectOf(about));
    }
  }

  private given({ from, to }: Call): CallGiven | undefined {
    if (this.held === undefined && this.origin === undefined) return undefined;
    return { dataKey: this.held?.open(), origin: this.origin?.of(from, to) };
  }

  /** What the call gave is taken back; the policy says whether the lane continues without it. */
  private callFailed(cause: unknown, subject: Subject): boolean {
    this.results.callFailed();
    const { onError, name } = this.context.plan.process;
    this.gaveUp = true;
    const error = this.errorOf(cause, name, subject);
    if (onError === 'fail') throw error;
    this.gaveUp = false;
    this.failed++;
    this.context.logger.warn({ err: error, ...error.details }, error.message);
    if (onError !== 'skip') this.results.emit(onError.output, this.deadLetter(onError.deadLetter, cause, subject));
    return false;
  }

  private errorOf(cause: unknown, name: string, subject: Subject): WaterMillError {
    // A mistake in the program, not of this element.
    if (isMisuse(cause)) throw misuseError(cause, subject);
    const isOfResult = isWaterMillError(cause) && cause.code === 'WM_BAD_RESULT';
    const failed = isOfResult ? resultError(cause, name, subject) : processError(cause, name, subject);
    return this.context.freeze && isOfFrozen(cause) ? frozenError(failed) : failed;
  }

  private subjectOf(about: Call | UnmatchedAnswer): Subject {
    const { nodes } = this.context.plan;
    if ('elements' in about) return { node: nodes[0] as PlanNode, ...about };
    const { node, element, position } = about;
    return { node: nodes[node] as PlanNode, elements: [element], from: position, to: position };
  }

  private deadLetter(message: Parameters<typeof deadLetterOf>[0], cause: unknown, subject: Subject): object {
    const { node, elements, from, to } = subject;
    const origins = this.origins[node.index]?.between(from, to) ?? [];
    const origin = elements.length === 1 ? origins[0] : undefined;
    const raw = callRaw(elements, origins, node.input.codec?.raw === true);
    const { lane } = this;
    const stream = node.input.label;
    return deadLetterOf(message, { stream, lane, position: from, raw, error: thrownText(cause), origin });
  }
}

/** The call of several that was made last, or is in progress. */
function lastCall({ rows, done }: CallsAnswer): Call {
  const row = rows[done - 1] as CallsRow;
  const { from, to } = 'elements' in row ? row : { from: row.position, to: row.position };
  return { ...rowsOf(row), from, to };
}
