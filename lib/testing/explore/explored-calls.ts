import type { Plan } from '../../mill/plan/plan.js';
import type { BoundProcess } from '../../mill/process/bind-process.js';
import { interpretedSeries } from '../../mill/process/interpreted-call.js';
import { EarlierResults } from './earlier-results.js';
import type { Source } from './faked-globals.js';
import { KeptResults } from './kept-results.js';
import type { Troubles } from './troubles.js';

/** Observes the calls of mills, and makes those fail that the schedule selects. */
export class ExploredCalls {
  /** The sources that calls read in addition to their arguments. */
  readonly sources = new Set<Source>();
  /** The sources that calls, or any other code that ran in the meantime, read. */
  readonly surroundings = new Set<Source>();
  readonly results: KeptResults;
  /** The number of starts and ends of calls. */
  turns = 0;
  private isInCall = false;
  private mayFail = false;
  private mayFailAfter = false;
  private isMade = false;
  private hasRun = false;

  constructor(
    private readonly troubles: Troubles,
    looksBack: boolean,
  ) {
    this.results = new KeptResults(looksBack ? new EarlierResults() : undefined);
  }

  /** Notes the use of a source. Returns whether a call used it. */
  readonly note = (source: Source): boolean => {
    this.surroundings.add(source);
    if (this.isInCall) this.sources.add(source);
    return this.isInCall;
  };

  /** Wraps a process to observe it. */
  observed(process: BoundProcess, plan: Plan, callBegins?: (element: object | undefined) => void): BoundProcess {
    const { emits, onError, parameters, made } = plan.process;
    this.isMade = made !== undefined;
    // If the mill continues without a failed call, a failure does not repeat it.
    this.mayFail = onError === 'fail';
    // Its key is already known elsewhere by then.
    this.mayFailAfter = this.mayFail && !parameters.some(({ what }) => what === 'dataKey');
    const around = (make: () => unknown): unknown => this.around(make);
    const call: BoundProcess['call'] = (rows, given) => around(() => process.call(rows, given));
    const { atEnd, own } = process;
    return {
      ...process,
      // It undoes what the call has changed: if the call did not run, that would be the one before.
      own: own && { ...own, callFailed: () => this.hasRun && own.callFailed?.() },
      call,
      callEach: interpretedSeries(call, emits.length === 1 ? emits[0] : undefined, callBegins),
      takeResults: (returned, sink, method) =>
        this.taking(returned, (value) => process.takeResults(value, sink, method)),
      unmatched: (node, element) => around(() => process.unmatched(node, element)),
      atEnd: atEnd && (() => this.inCall(atEnd)),
      forLane: (lane) => this.observed(process.forLane(lane), plan, (element) => lane.tables?.callBegins(element)),
    };
  }

  private around(make: () => unknown): unknown {
    this.hasRun = false;
    if (this.mayFail) this.troubles.reach('call fails before it runs');
    this.troubles.reach('stop in a call');
    this.hasRun = true;
    return this.inCall(() => {
      const returned = make();
      if (!isLazy(returned)) this.ended(returned);
      return returned;
    });
  }

  private inCall(make: () => unknown): unknown {
    this.turns++;
    this.results.nextCall();
    this.isInCall = true;
    let isPending = false;
    try {
      const returned = make();
      isPending = isLazy(returned);
      this.results.returned(returned);
      return returned;
    } finally {
      this.isInCall = isPending;
    }
  }

  /** A promise or a generator is part of its call. */
  private taking(returned: any, take: (value: unknown) => boolean | Promise<boolean>): boolean | Promise<boolean> {
    if (!isLazy(returned)) return take(returned);
    let result: unknown = returned;
    const resolved = (each: unknown): unknown => {
      result = each;
      return this.results.returned(each);
    };
    const value = typeof returned.then === 'function' ? returned.then(resolved) : returned;
    let ended: boolean | Promise<boolean> = false;
    try {
      ended = take(value);
      if (typeof ended !== 'boolean') return this.awaited(ended, () => result);
      this.ended(result);
      return ended;
    } finally {
      this.isInCall = typeof ended !== 'boolean';
    }
  }

  private async awaited(ending: Promise<boolean>, result: () => unknown): Promise<boolean> {
    try {
      const ended = await ending;
      this.ended(result());
      return ended;
    } finally {
      this.isInCall = false;
    }
  }

  /** A flow that has passed nothing on cannot fail any more: its last step relies on that. */
  private ended(returned: unknown): void {
    this.turns++;
    const isDone = this.isMade && (returned === undefined || returned === null);
    if (this.mayFailAfter && !isDone) this.troubles.reach('call fails after it ran');
  }
}

/** A promise or a generator: the call is not over when it has returned. */
function isLazy(returned: any): boolean {
  if (typeof returned !== 'object' || returned === null || Array.isArray(returned)) return false;
  return typeof returned.then === 'function' || typeof returned.next === 'function';
}
