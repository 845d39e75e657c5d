import { WaterMillError } from '../../../base/watermill-error.js';
import type { DataKey } from '../../plan/data-key.js';
import type { BoundProcess } from '../../process/bind-process.js';
import type { Checkpoint } from '../commit/checkpoint.js';
import type { ResultsBuffer } from '../commit/results-buffer.js';
import type { CallResults } from './call-results.js';
import type { OpenKeys } from './open-keys.js';

/** What was taken of a result. */
type Emission = readonly [output: number, taken: unknown];

/** Calls in a row whose results are written together, once all of them are saved, and the place behind them. */
interface Stretch {
  /** In the order in which they are written. */
  readonly parts: Emission[][];
  calls: number;
  /** Calls that are not saved yet. */
  readonly open: Set<DataKey>;
  /** Where a restart continues once this stretch is written. */
  checkpoint: Checkpoint | undefined;
}

/** With this many calls held, two calls share a checkpoint; with twice as many three, and so on. */
const CALLS_PER_SHARER = 16;

/**
 * The results of a lane whose calls are saved later: kept in the order of the calls until those before them are saved.
 * What is between two checkpoints is written as a whole, so that what is committed and what is written agree.
 * A checkpoint costs more than a small call; so it is taken after each call only while few calls are held.
 */
export class HeldResults implements CallResults {
  /** The checkpoint behind what was released last; undefined before the first. */
  released: Checkpoint | undefined;
  /** Calls that are not written yet: open ones, and those behind them. */
  held = 0;
  /** Those with a checkpoint behind them; what comes next goes to the current one. */
  private stretches: Stretch[] = [];
  private current = newStretch();
  /** What is emitted goes here; undefined: to a new part. */
  private part: Emission[] | undefined;
  private call: { readonly key: DataKey; readonly saved: Emission[] } | undefined;

  constructor(
    private readonly process: BoundProcess,
    private readonly keys: OpenKeys,
    private readonly output: Pick<ResultsBuffer, 'take' | 'add'>,
    private readonly wake: () => void,
  ) {}

  readonly emit = (output: number, element: object): void => {
    this.part ??= this.newPart();
    this.part.push([output, this.output.take(output, element)]);
  };

  callBegins(): void {
    this.part = this.newPart();
  }

  /** Opens the call that has begun: it holds back what follows until results are saved for its key. */
  open(): DataKey {
    const stretch = this.current;
    const saved: Emission[] = [];
    const key = this.keys.add((results) => {
      this.take(results, saved);
      stretch.open.delete(key);
      this.wake();
    });
    stretch.calls++;
    stretch.open.add(key);
    this.held++;
    this.call = { key, saved };
    return key;
  }

  callFailed(): void {
    if (this.part !== undefined) this.part.length = 0;
    if (this.call === undefined) return;
    const { key, saved } = this.call;
    saved.length = 0;
    this.keys.close(key);
    this.current.open.delete(key);
  }

  /** The call is over; whether this is the moment for a checkpoint. */
  callEnds(): boolean {
    if (this.call !== undefined) this.current.parts.push(this.call.saved);
    this.call = undefined;
    this.part = undefined;
    return this.current.calls > this.held / CALLS_PER_SHARER;
  }

  /** Takes the lane's place behind all that was emitted; undefined where nothing is remembered. */
  checkpoint(checkpoint: Checkpoint | undefined): void {
    const last = this.stretches.at(-1);
    if (this.current.parts.length > 0) {
      this.current.checkpoint = checkpoint;
      this.stretches.push(this.current);
      this.current = newStretch();
      this.part = undefined;
    } else if (last !== undefined) {
      last.checkpoint = checkpoint;
    } else {
      this.released = checkpoint;
    }
  }

  /** Hands over what is saved without a gap; whether that was anything. */
  release(): boolean {
    let count = 0;
    for (const stretch of this.stretches) {
      if (stretch.open.size > 0) break;
      this.write(stretch);
      this.released = stretch.checkpoint;
      count++;
    }
    if (count > 0) this.stretches = this.stretches.slice(count);
    return count > 0;
  }

  /** Hands over the rest, when the lane has ended and all is saved. */
  releaseAll(): void {
    this.release();
    this.write(this.current);
    this.current = newStretch();
  }

  /** Calls whose results are not saved yet. */
  get openCalls(): number {
    let open = this.current.open.size;
    for (const stretch of this.stretches) open += stretch.open.size;
    return open;
  }

  /** The key of the first open call. */
  get oldest(): DataKey | undefined {
    for (const { open } of [...this.stretches, this.current]) for (const key of open) return key;
    return undefined;
  }

  /** The lane is over: what is saved from now on is no longer taken. */
  forget(): void {
    for (const stretch of [...this.stretches, this.current]) for (const key of stretch.open) this.keys.forget(key);
  }

  private newPart(): Emission[] {
    const part: Emission[] = [];
    this.current.parts.push(part);
    return part;
  }

  private write(stretch: Stretch): void {
    for (const part of stretch.parts) for (const [output, taken] of part) this.output.add(output, taken);
    this.held -= stretch.calls;
  }

  /** All results or, where one of them is none, nothing. */
  private take(results: unknown, saved: Emission[]): void {
    const taken: Emission[] = [];
    const emit = (output: number, element: object): void => {
      taken.push([output, this.output.take(output, element)]);
    };
    const ended = isLater(results) || this.process.takeResults(results, { emit });
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

function isLater(results: unknown): boolean {
  if (typeof results !== 'object' || results === null || Symbol.iterator in results) return false;
  const { then, next } = results as { readonly then?: unknown; readonly next?: unknown };
  return typeof then === 'function' || typeof next === 'function' || Symbol.asyncIterator in results;
}

function newStretch(): Stretch {
  return { parts: [], calls: 0, open: new Set(), checkpoint: undefined };
}
