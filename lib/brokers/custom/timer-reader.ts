import type { Clock } from '../../base/clock.js';
import { RealDate, realNow } from '../../base/date.js';
import type { Json } from '../../base/json.js';
import { isWaterMillError } from '../../base/watermill-error.js';
import type { Batch } from '../batch.js';
import type { StreamReader } from '../broker.js';
import { type SourcePlace, sourceFailed } from './source-error.js';
import type { Timer } from './timer.js';
import { batchValues, refusePromise } from './values-buffer.js';

/** The wall time of the timer's first start, and the number of the next tick, counted from 0. JSON. */
export interface TimerMark {
  readonly startedAt: number;
  readonly next: number;
  /** The interval then: if it has changed, the next tick comes one new interval after the last. */
  readonly everyMs?: number;
}

/** Reads the ticks of a timer. The position of a tick is its number, so skipped ticks leave gaps. */
export class TimerReader implements StreamReader {
  private readonly startedAt: number;
  /** The mill's clock and the wall clock at the same moment: from then on only the mill's clock is used. */
  private readonly clockAtStart: number;
  private readonly wallAtStart: number;
  private next: number;
  private cancel: (() => void) | undefined;
  private giveUp: (() => void) | undefined;
  private isClosed = false;

  constructor(
    private readonly timer: Timer<unknown>,
    private readonly stream: Omit<SourcePlace, 'position'>,
    private readonly clock: Clock,
    mark: TimerMark | undefined,
    private readonly missed: 'all' | 'last',
  ) {
    this.wallAtStart = realNow();
    this.clockAtStart = clock.now();
    this.next = mark?.next ?? 0;
    const { startedAt = this.wallAtStart, everyMs = timer.intervalMs } = mark ?? {};
    this.startedAt = startedAt + this.next * (everyMs - timer.intervalMs);
  }

  read(): Batch | Promise<Batch> {
    const due = this.due();
    if (due > this.next || this.isClosed) return this.ticks(this.isClosed ? this.next : due);
    return new Promise((resolve, reject) => {
      this.giveUp = () => resolve(this.ticks(this.next));
      const look = (): void => {
        if (this.due() <= this.next) {
          // A clock may call back slightly early.
          this.cancel = this.clock.setTimer(1, look);
          return;
        }
        try {
          resolve(this.ticks(this.due()));
        } catch (error) {
          reject(error);
        }
      };
      this.cancel = this.clock.setTimer(Math.max(0, this.timeOf(this.next) - this.wall()), look);
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancel?.();
    this.giveUp?.();
  }

  private wall(): number {
    return this.wallAtStart + (this.clock.now() - this.clockAtStart);
  }

  /** The number of the first tick that is not due yet. */
  private due(): number {
    return Math.floor((this.wall() - this.startedAt) / this.timer.intervalMs);
  }

  private timeOf(tick: number): number {
    return this.startedAt + (tick + 1) * this.timer.intervalMs;
  }

  private ticks(due: number): Batch {
    const first = this.missed === 'last' && due > this.next ? due - 1 : this.next;
    const last = Math.min(due, first + batchValues);
    const values: unknown[] = [];
    for (let tick = first; tick < last; tick++) values.push(this.make(tick));
    this.next = Math.max(this.next, last);
    const markAt = (index: number): Json => ({
      startedAt: this.startedAt,
      next: first + index,
      everyMs: this.timer.intervalMs,
    });
    return { values, first, mark: markAt(0), markAt, end: false, mayHoldEnd: true };
  }

  private make(tick: number): unknown {
    const place = { ...this.stream, position: tick };
    try {
      const value = this.timer.make(new RealDate(this.timeOf(tick)));
      refusePromise(value, { place });
      return value;
    } catch (error) {
      if (isWaterMillError(error)) throw error;
      throw sourceFailed(place, error, `when it made tick ${tick}`);
    }
  }
}
