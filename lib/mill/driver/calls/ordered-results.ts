import { WaterMillError } from '../../../base/watermill-error.js';
import type { DataKey } from '../../plan/data-key.js';
import type { BoundProcess } from '../../process/bind-process.js';
import type { Checkpoint } from '../../resume/checkpoint.js';
import type { OpenKeys } from '../open-keys.js';
import type { CallResults } from '../results/call-results.js';
import type { ResultsBuffer } from '../results/results-buffer.js';
import { type Emission, type Outcome, WaitingCall } from './waiting-call.js';

/** Consecutive calls whose results are written together as soon as all are complete, with the checkpoint after them. */
interface Stretch {
  /** The results, in the order in which they are written. */
  readonly parts: Emission[][];
  readonly calls: WaitingCall[];
  /** The checkpoint from which a restart continues once this stretch is written. */
  checkpoint: Checkpoint | undefined;
}

const ending: Outcome = { settle: () => true, isLast: true };

/** With this many calls held, two calls share a checkpoint; with twice as many three, and so on. */
const CALLS_PER_SHARER = 16;

/**
 * A reorder buffer for the results of calls that complete later, because their promises are pending or their results
 * are saved later: results are kept in the order of the calls until those of all calls before them are complete. The
 * results between two checkpoints are written as a whole, so that commits and output agree. A checkpoint costs more
 * than a small call; so if results are saved later, one is taken after each call only while few calls are held. If
 * several calls are in progress, one may fail or end the stream, and only the results before it count; so each call has
 * its own checkpoint.
 */
export class OrderedResults implements CallResults {
  /** The checkpoint after the results that were handed over last; undefined before the first. */
  handedOver: Checkpoint | undefined;
  /** The number of calls that are not written yet: open ones, and those after them. */
  held = 0;
  /** The number of calls whose promises are pending. */
  pending = 0;
  /** A call failed or ended the stream, and calls before it are still open: no further call is made. */
  isClosing = false;
  /** All calls before that one are done: later results are dropped, and no more are accepted. */
  isOver = false;
  /**
   * The call that ended the stream, with all before it: written last, when the outputs end. A commit before that must
   * not pass it, since it does not say that the stream has ended.
   */
  private final: Stretch | undefined;
  /** Stretches with a checkpoint. New results go to `current`. */
  private stretches: Stretch[] = [];
  private current = newStretch();
  /** The part that receives emitted results; undefined to start a new part. */
  private part: Emission[] | undefined;
  /** The calls that are not done, in order. */
  private readonly open = new Set<WaitingCall>();
  /** The call that began last, until it has returned. */
  private call: WaitingCall | undefined;

  constructor(
    private readonly process: BoundProcess,
    private readonly keys: OpenKeys,
    private readonly output: Pick<ResultsBuffer, 'take' | 'add'>,
    private readonly wake: () => void,
    /** Several calls may be in progress. */
    private readonly isConcurrent: boolean,
    /** For a process that holds back results: returns whether it does at the moment. */
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

  /** The call that began last. If several are in progress, it collects its own results. */
  get begun(): WaitingCall {
    return this.call as WaitingCall;
  }

  /** Assigns a key to the call that began last. Later results are held back until results are saved for the key. */
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
   * Holds back later results until the promise of the call that began last is settled. It resolves to whether the call
   * ends the stream; `failed` returns the outcome of a rejection.
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
    // The outcome of a dropped call does not count.
    if (this.isOver) return;
    this.pending--;
    if (outcome !== undefined) this.turnsOut(call, outcome);
    this.mayBeDone(call);
    this.wake();
  }

  /** Sets an outcome, which is applied once all calls before this one are done. */
  turnsOut(call: WaitingCall, outcome: Outcome): void {
    call.outcome = outcome;
    this.isClosing ||= outcome.isLast;
  }

  callFailed(): void {
    if (this.call !== undefined) this.discard(this.call);
  }

  /** Drops the results of a call. Its key does not accept results any more. */
  discard(call: WaitingCall): void {
    call.given.length = 0;
    call.saved.length = 0;
    if (call.key !== undefined) this.keys.close(call.key);
    call.key = undefined;
    this.mayBeDone(call);
  }

  /** Ends the current call. Returns whether to take a checkpoint now. */
  callEnds(): boolean {
    if (this.call !== undefined) this.current.parts.push(this.call.saved);
    this.call = undefined;
    this.part = undefined;
    if (this.isHolding !== undefined) return !this.isHolding();
    return this.isConcurrent || this.current.calls.length > this.held / CALLS_PER_SHARER;
  }

  /** Sets the checkpoint of the lane after all emitted results; undefined if nothing is remembered. */
  checkpoint(checkpoint: Checkpoint | undefined): void {
    // The results emitted so far are written together with those that the process holds back.
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

  /**
   * Hands over the results up to the first call that is not complete. Returns whether there were any. Throws the error
   * of a failed call when all calls before it are done.
   */
  handOver(): boolean {
    let count = 0;
    try {
      for (const stretch of this.stretches) {
        if (isOpen(stretch)) break;
        if (hasEnded(stretch)) return this.ends(stretch);
        this.write(stretch);
        this.handedOver = stretch.checkpoint;
        count++;
      }
    } catch (error) {
      this.drop();
      throw error;
    }
    if (count > 0) this.stretches.splice(0, count);
    return count > 0;
  }

  /** Hands over all remaining results. The lane has ended, and they are complete. */
  handOverAll(): void {
    if (!this.isOver) this.handOver();
    this.write(this.final ?? this.current);
    this.current = newStretch();
  }

  /** The process ended the stream. */
  get hasEnded(): boolean {
    return this.final !== undefined;
  }

  /** The checkpoint after the call that ended the stream. */
  get end(): Checkpoint | undefined {
    return this.final?.checkpoint;
  }

  /** The number of calls whose results are not complete. */
  get openCalls(): number {
    return this.open.size;
  }

  /** The oldest open call. */
  get oldest(): WaitingCall | undefined {
    for (const call of this.open) return call;
    return undefined;
  }

  /** The lane is over: results saved from now on are ignored. */
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

  private ends(stretch: Stretch): true {
    this.drop();
    this.final = stretch;
    this.held = stretch.calls.length;
    return true;
  }

  /** Drops all results after the call that ended the lane. */
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

  /** Adds all results or, if one of them is invalid, none. */
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
          `found ${isLater(results) ? 'a promise or a generator. Await it, and save its results.' : 'EndOfStream. Only the process function can end the stream.'}`,
      );
    }
    for (const each of taken) saved.push(each);
  }
}

/** Applies the outcomes of these calls. Returns whether one of them ended the stream. */
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
