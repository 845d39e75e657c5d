import { type CallsAnswer, placeOf, type UnmatchedAnswer } from '../../lane/answer.js';
import { asksFor } from '../../plan/find/call-values.js';
import type { PlanNode } from '../../plan/plan.js';
import { type CallGiven, rowsOf } from '../../process/call-given.js';
import type { CallRows } from '../../process/call-rows.js';
import type { Origins } from '../input/origins.js';
import type { LaneContext } from '../lane-context.js';
import type { CallResults } from '../results/call-results.js';
import type { Moment, Subject } from '../results/lane-errors.js';
import type { ResultsBuffer } from '../results/results-buffer.js';
import type { LaneTables } from '../tables/lane-tables.js';
import { FailedCalls } from './failed-calls.js';
import type { OrderedResults } from './ordered-results.js';
import type { Outcome, WaitingCall } from './waiting-call.js';

/** The arguments of a call, and the positions of its elements. */
type Call = CallRows & { readonly from: number; readonly to: number };

/**
 * Makes the calls of one lane, one at a time or several at once. A call returns whether the process function ended the
 * stream; as a promise only if the function returned one.
 */
export class ProcessCalls {
  private callsBefore = 0;
  /** The current series of calls, and how many of them had been made when it began. */
  private series: CallsAnswer | undefined;
  private doneBefore = 0;
  unmatchedCalls = 0;
  /** If several calls may be in progress: the promise of the last call, if it is pending. */
  inProgress: Promise<unknown> | undefined;
  /** The last call failed, and the policy is to fail. */
  isFailing = false;
  /** No further call is made. */
  isStopped = false;
  /**
   * The subject of the last call that returned a promise: a node and the first position; undefined for the call at the
   * end.
   */
  subject: { readonly node: number; readonly position: number } | undefined = { node: 0, position: 0 };
  private readonly results: CallResults;
  private readonly failures: FailedCalls;
  /** Several calls may be in progress. */
  private readonly isConcurrent: boolean;
  private readonly takesKeys: boolean;
  /** Only if the process asks for the origin of its elements. */
  private readonly origin: Origins | undefined;

  constructor(
    private readonly context: LaneContext,
    lane: string,
    private readonly buffer: ResultsBuffer,
    /** For calls that stay open until their results are saved or their promises are settled. */
    private readonly held: OrderedResults | undefined,
    /** By node: the origins of its elements, for calls that ask for them and for dead letters. */
    origins: readonly (Origins | undefined)[],
    private readonly tables?: LaneTables,
  ) {
    this.results = held ?? buffer;
    this.failures = new FailedCalls(context, lane, origins);
    this.isConcurrent = context.plan.process.concurrency > 1;
    this.takesKeys = asksFor(context.plan.process, 'dataKey');
    this.origin = asksFor(context.plan.process, 'origin') ? origins[0] : undefined;
  }

  /** The number of calls that failed and were skipped. */
  get failed(): number {
    return this.failures.count;
  }

  get calls(): number {
    const { series, callsBefore } = this;
    return series === undefined ? callsBefore : callsBefore + series.done - this.doneBefore;
  }

  call(call: Call): boolean | Promise<boolean> {
    this.callsBefore++;
    this.callBegins(call.elements.at(-1));
    let returned: unknown;
    try {
      returned = this.context.process.call(call, this.given(call));
    } catch (error) {
      return this.callFailed(error, this.subjectOf(call));
    }
    return this.take(returned, call);
  }

  /** Makes the calls of an answer, as far as possible without waiting. */
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

  /** Makes calls until one returns something else than one element of the only output class. */
  private callEach(answer: CallsAnswer): unknown {
    const before = answer.done;
    this.series = answer;
    this.doneBefore = before;
    try {
      const { buffer } = this;
      const returned = this.context.process.callEach(answer, buffer.listOf(0), buffer.takerOf(0), this);
      if (returned === undefined) this.tables?.callEnds();
      return returned;
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
    this.callBegins(undefined);
    let returned: unknown;
    try {
      returned = this.context.process.unmatched(answer.node, answer.element);
    } catch (error) {
      return this.callFailed(error, this.subjectOf(answer));
    }
    return this.take(returned, answer);
  }

  /**
   * Makes the call at the end of the streams. It is the last, so its results go straight to the output, or to those that
   * the process holds back.
   */
  atEnd(call: () => unknown): boolean | Promise<boolean> {
    const { atEnd, made } = this.context.plan.process;
    const results = made?.holdsBack ? this.results : this.buffer;
    return this.between(call, atEnd?.name ?? '', 'when the streams had ended', results);
  }

  /** Makes the calls of steps whose timer is due. */
  ring(call: () => unknown): boolean | Promise<boolean> {
    return this.between(call, this.context.plan.process.name, 'when a timeout of a step had passed', this.results);
  }

  /** Makes a call without elements. */
  private between(
    call: () => unknown,
    method: string,
    moment: Moment,
    results: CallResults,
  ): boolean | Promise<boolean> {
    results.callBegins();
    this.tables?.callBegins(undefined);
    const failed = (error: unknown): boolean => this.betweenFailed(error, method, moment, results);
    try {
      const ended = this.context.process.takeResults(call(), results, method);
      if (typeof ended === 'boolean') {
        this.tables?.callEnds();
        return ended;
      }
      this.subject = undefined;
      return ended.then(this.callEnds, failed);
    } catch (error) {
      return failed(error);
    }
  }

  private betweenFailed(cause: unknown, method: string, moment: Moment, results: CallResults): boolean {
    results.callFailed();
    this.context.process.own?.callFailed?.();
    this.tables?.callFailed();
    const node = this.context.plan.nodes[0] as PlanNode;
    const subject = { method, node, elements: [], from: -1, to: -1, moment };
    this.failures.continueAfter(cause, subject, results.emit);
    return false;
  }

  private take(returned: unknown, about: Call | UnmatchedAnswer): boolean | Promise<boolean> {
    if (this.isConcurrent) return this.takeInOrder(returned, about);
    try {
      const ended = this.context.process.takeResults(returned, this.results, this.methodOf(about));
      if (typeof ended === 'boolean') {
        this.tables?.callEnds();
        return ended;
      }
      const { node, from } = this.subjectOf(about);
      this.subject = { node: node.index, position: from };
      return ended.then(this.callEnds, (error) => this.callFailed(error, this.subjectOf(about)));
    } catch (error) {
      return this.callFailed(error, this.subjectOf(about));
    }
  }

  /** Collects the results of a call. They and its outcome take effect once all calls before it are done. */
  private takeInOrder(returned: unknown, about: Call | UnmatchedAnswer): boolean {
    const held = this.held as OrderedResults;
    const call = held.begun;
    const subject = this.subjectOf(about);
    call.about = { node: subject.node.index, position: subject.from };
    const kept = this.failures.keptForLetter(subject);
    this.inProgress = undefined;
    try {
      const ended = this.context.process.takeResults(returned, call, subject.method);
      if (typeof ended === 'boolean') return ended;
      this.inProgress = ended;
      held.awaits(ended, (error) => this.failedInOrder(error, kept, call));
    } catch (error) {
      held.turnsOut(call, this.failedInOrder(error, kept, call));
    }
    return false;
  }

  private failedInOrder(cause: unknown, subject: Subject, call: WaitingCall): Outcome {
    this.held?.discard(call);
    const settle = (): boolean => {
      this.failures.continueAfter(cause, subject, call.emit);
      return false;
    };
    return { settle, isLast: this.failures.isLast(cause) };
  }

  private callBegins(element: object | undefined): void {
    this.results.callBegins();
    this.tables?.callBegins(element);
  }

  /** Ends a call whose promise was settled. */
  private readonly callEnds = (isEnd: boolean): boolean => {
    this.tables?.callEnds();
    return isEnd;
  };

  private given({ from, to }: Call): CallGiven | undefined {
    if (!this.takesKeys && this.origin === undefined) return undefined;
    return { dataKey: this.takesKeys ? this.held?.openCall() : undefined, origin: this.origin?.of(from, to) };
  }

  /** Drops the results of a failed call, and applies the policy. */
  private callFailed(cause: unknown, subject: Subject): boolean {
    if (this.isConcurrent) {
      this.inProgress = undefined;
      const { begun } = this.held as OrderedResults;
      this.held?.turnsOut(begun, this.failedInOrder(cause, this.failures.keptForLetter(subject), begun));
      return false;
    }
    this.results.callFailed();
    this.context.process.own?.callFailed?.();
    this.tables?.callFailed();
    this.isFailing = true;
    this.failures.continueAfter(cause, subject, this.results.emit);
    this.isFailing = false;
    return false;
  }

  /** The name of the function that is called for this. */
  private methodOf(about: Call | UnmatchedAnswer): string {
    const { name, unmatched } = this.context.plan.process;
    return 'elements' in about ? name : (unmatched.find(({ node }) => node === about.node)?.name ?? name);
  }

  private subjectOf(about: Call | UnmatchedAnswer): Subject {
    const { nodes, fold } = this.context.plan;
    const method = this.methodOf(about);
    if ('elements' in about) {
      const node = nodes[0] as PlanNode;
      const { elements, from, to } = about;
      if (fold === undefined) return { method, node, elements, from, to };
      // The elements were dropped: the accumulator stands for them.
      return { method, node, elements: [about.folded as object], from, to, origins: [] };
    }
    const { node, element, position } = about;
    return { method, node: nodes[node] as PlanNode, elements: [element], from: position, to: position };
  }
}

/** The last call made of a series; it may be in progress. */
function lastCall(answer: CallsAnswer): Call {
  const last = answer.done - 1;
  const { from, to } = placeOf(answer, last);
  return { ...rowsOf(answer, last), from, to };
}
