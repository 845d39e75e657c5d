import { WaterMillError } from '../../../base/watermill-error.js';
import type { DataKey } from '../../plan/data-key.js';
import type { BoundProcess } from '../../process/bind-process.js';
import type { Checkpoint } from '../../resume/checkpoint.js';
import type { ResultsBuffer } from '../commit/results-buffer.js';
import type { CallResults } from './call-results.js';
import type { OpenKeys } from './open-keys.js';
import { type Emission, type Outcome, WaitingCall } from './waiting-call.js';

/** Consecutive calls whose results are written together once all of them are complete, and the place after them. */
interface Stretch {
  /** In the order in which they are written. */
  readonly parts: Emission[][];
  readonly calls: WaitingCall[];
  /** Where a restart continues once this stretch is written. */
  checkpoint: Checkpoint | undefined;
}

const ending: Outcome = { settle: () => true, isLast: true };

/** With this many calls held, two calls share a checkpoint; with twice as many three, and so on. */
const CALLS_PER_SHARER = 16;

/**
 * The results of a lane whose calls are done later, since their promises are pending or their results are saved later: kept
 * in the order of the calls until those before them are there. What is between two checkpoints is written as a whole, so
 * that what is committed and what is written agree. A checkpoint costs more than a small call; so where results are saved
 * later it is taken after each call only while few calls are held. Where several calls are in progress, one may fail, or end
 * the stream: what is before it counts, and nothing after it; so each has its own.
 */
export class OrderedResults implements CallResults {
  /** The checkpoint after what was handed over last; undefined before the first. */
  handedOver: Checkpoint | undefined;
  /** Calls that are not written yet: open ones, and those after them. */
  held = 0;
  /** Calls whose promises are pending. */
  pending = 0;
  /** A call failed, or ended the stream, and it is not its turn yet: no further call is made. */
  isClosing = false;
  /** That call's turn has come: what follows it is dropped, and nothing more is taken. */
  isOver = false;
  /** It ended the stream. */
  hasEnded = false;
  /** Those with a checkpoint after them; what comes next goes to the current one. */
  private stretches: Stretch[] = [];
  private current = newStretch();
  /** Emitted results go here; undefined: to a new part. */
  private part: Emission[] | undefined;
  /** Calls that are not done, in their order. */
  private readonly open = new Set<WaitingCall>();
  /** The call that has begun last, until it is over or known to take longer. */
  private call: WaitingCall | undefined;

  constructor(
    private readonly process: BoundProcess,
    private readonly keys: OpenKeys,
    private readonly output: Pick<ResultsBuffer, 'take' | 'add'>,
    private readonly wake: () => void,
    /** Several calls may be in progress. */
    private readonly isConcurrent: boolean,
    /** Where the process holds back results: whether it does. */
    private readonly isHolding: (() => boolean) | undefined,
  ) {}

  readonly emit = (output: number, element: object): void => {
    if (this.part === undefined) {
      this.part = [];
      this.current.parts.push(this.part);
    }
    this.part.push([output, this.output.take(output, element)]);
  };

  callBegins(): void {
    this.call = new WaitingCall(this.output.take);
    this.part = this.call.given;
    this.current.parts.push(this.call.given);
    if (this.isConcurrent) this.hold(this.call);
  }

  /** The call that has begun: where several are in progress, it takes its results itself. */
  get begun(): WaitingCall {
    return this.call as WaitingCall;
  }

  /** Assigns a key to the call that has begun: it holds back what follows until results are saved for its key. */
  openCall(): DataKey {
    const call = this.begun;
    if (!this.isConcurrent) this.hold(call);
    const key = this.keys.add((results) => {
      this.take(results, call.saved);
      call.key = undefined;
      this.mayBeDone(call);
      this.wake();
    });
    call.key = key;
    this.open.add(call);
    return key;
  }

  /**
   * The promise of the call that has begun is pending: it holds back what follows until it is settled. It says whether the call
   * ends the stream; `failed` says what becomes of one that is rejected.
   */
  awaits(settled: Promise<boolean>, failed: (error: unknown) => Outcome): void {
    const call = this.begun;
    call.isPending = true;
    this.pending++;
    this.open.add(call);
    void settled.then(
      (isEnd) => this.settles(call, isEnd ? ending : undefined),
      (error) => this.settles(call, failed(error)),
    );
  }

  private settles(call: WaitingCall, outcome: Outcome | undefined): void {
    call.isPending = false;
    // Of a call that was dropped nothing counts any more.
    if (this.isOver) return;
    this.pending--;
    if (outcome !== undefined) this.turnsOut(call, outcome);
    this.mayBeDone(call);
    this.wake();
  }

  /** Settles this call when its turn comes. */
  turnsOut(call: WaitingCall, outcome: Outcome): void {
    call.outcome = outcome;
    this.isClosing ||= outcome.isLast;
  }

  callFailed(): void {
    if (this.call !== undefined) this.takeBack(this.call);
  }

  /** Nothing that the call gave counts, and nothing is saved for it any more. */
  takeBack(call: WaitingCall): void {
    call.given.length = 0;
    call.saved.length = 0;
    if (call.key !== undefined) this.keys.close(call.key);
    call.key = undefined;
    this.mayBeDone(call);
  }

  /** The call is over; whether this is the moment for a checkpoint. */
  callEnds(): boolean {
    if (this.call !== undefined) this.current.parts.push(this.call.saved);
    this.call = undefined;
    this.part = undefined;
    if (this.isHolding !== undefined) return !this.isHolding();
    return this.isConcurrent || this.current.calls.length > this.held / CALLS_PER_SHARER;
  }

  /** Takes the lane's place after all that was emitted; undefined if nothing is remembered. */
  checkpoint(checkpoint: Checkpoint | undefined): void {
    // Results that were emitted so far are written with the rest of those that the process holds.
    if (this.isHolding?.()) return;
    const last = this.stretches.at(-1);
    if (this.current.parts.length > 0) {
      this.current.checkpoint = checkpoint;
      this.stretches.push(this.current);
      this.current = newStretch();
      this.part = undefined;
    } else if (last !== undefined) {
      last.checkpoint = checkpoint;
    } else {
      this.handedOver = checkpoint;
    }
  }

  /** Hands over what is there without a gap; whether that was anything. Throws what failed, when its turn comes. */
  handOver(): boolean {
    let count = 0;
    try {
      for (const stretch of this.stretches) {
        if (isOpen(stretch)) break;
        const isEnd = hasEnded(stretch);
        this.write(stretch);
        this.handedOver = stretch.checkpoint;
        count++;
        if (isEnd) return this.end();
      }
    } catch (error) {
      this.drop();
      throw error;
    }
    if (count > 0) this.stretches.splice(0, count);
    return count > 0;
  }

  /** Hands over the rest, when the lane has ended and all is there. */
  handOverAll(): void {
    this.handOver();
    if (this.isOver) return;
    this.write(this.current);
    this.current = newStretch();
  }

  /** Calls whose results are not there yet. */
  get openCalls(): number {
    return this.open.size;
  }

  /** The first of them. */
  get oldest(): WaitingCall | undefined {
    for (const call of this.open) return call;
    return undefined;
  }

  /** The lane is over: what is saved from now on is ignored. */
  forget(): void {
    for (const { key } of this.open) if (key !== undefined) this.keys.forget(key);
  }

  private mayBeDone(call: WaitingCall): void {
    if (!call.isOpen) this.open.delete(call);
  }

  private hold(call: WaitingCall): void {
    this.current.calls.push(call);
    this.held++;
  }

  private end(): true {
    this.drop();
    this.hasEnded = true;
    return true;
  }

  /** Results after the call whose turn it is do not count. */
  private drop(): void {
    this.forget();
    this.open.clear();
    this.isOver = true;
    this.pending = 0;
    this.held = 0;
    this.stretches = [];
    this.current = newStretch();
  }

  private write(stretch: Stretch): void {
    for (const part of stretch.parts) for (const [output, taken] of part) this.output.add(output, taken);
    this.held -= stretch.calls.length;
  }

  /** All results or, where one of them is none, nothing. */
  private take(results: unknown, saved: Emission[]): void {
    const taken: Emission[] = [];
    const emit = (output: number, element: object): void => {
      taken.push([output, this.output.take(output, element)]);
    };
    const ended = isLater(results) || this.process.takeSaved(results, { emit });
    if (ended !== false) {
      throw new WaterMillError(
        'WM_RESULT',
        'saveResults: expected an element, an array of elements or nothing, ' +
          `found ${isLater(results) ? 'a promise or a generator. Await it, and save what it gives.' : 'EndOfStream. Only the process function can end the stream.'}`,
      );
    }
    for (const each of taken) saved.push(each);
  }
}

/** Settles these calls when it is their turn: returns whether one of them ended the stream. */
function hasEnded({ calls }: Stretch): boolean {
  let ended = false;
  for (const { outcome } of calls) if (outcome?.settle()) ended = true;
  return ended;
}

function isOpen({ calls }: Stretch): boolean {
  for (let i = 0; i < calls.length; i++) if ((calls[i] as WaitingCall).isOpen) return true;
  return false;
}

function isLater(results: unknown): boolean {
  if (typeof results !== 'object' || results === null || Symbol.iterator in results) return false;
  const { then, next } = results as { readonly then?: unknown; readonly next?: unknown };
  return typeof then === 'function' || typeof next === 'function' || Symbol.asyncIterator in results;
}

function newStretch(): Stretch {
  return { parts: [], calls: [], checkpoint: undefined };
}
