import { BrokerOptions, optionsError } from '../broker-options.js';

/** The source of ticks that `every` returns. */
export class Timer<out T> {
  /** Carries types only; never set. */
  declare readonly '~element'?: T;

  constructor(
    readonly intervalMs: number,
    readonly make: (at: Date) => unknown,
    readonly missed: 'all' | 'last',
  ) {}
}

/** How a timer treats ticks that could not be taken in time. */
export interface TimerOptions {
  /**
   * Ticks that were missed, because a call was slow or the process was down: only the last of them is given (`'last'`, the
   * default), or each, one by one (`'all'`).
   */
  readonly missed?: 'all' | 'last';
}

/** The largest interval that a timer of Node can wait for. */
const mostMs = 2 ** 31 - 1;

/**
 * A source that emits an element at fixed intervals, on the mill's clock, and never ends by itself.
 *
 * The first tick comes one interval after the start. `at` is the wall time at the start plus a number of intervals, so it does
 * not drift; if progress is kept, a restart continues with the ticks of the first start.
 *
 * @param ms The interval, a whole number of milliseconds above 0.
 * @throws WaterMillError `WM_BROKER_OPTIONS` for an invalid interval or invalid options.
 * @example
 * ```ts no-run
 * new CustomMessageBroker({ sources: [[Tick, every(60_000, (at) => message(Tick, { at }))]] });
 * ```
 */
export function every<T>(ms: number, make: (at: Date) => T, options: TimerOptions = {}): Timer<T> {
  const checked = new BrokerOptions('every()', options, ['missed'], "every(ms, make, { missed: 'all' })");
  const isMissed = (value: unknown): boolean => value === 'all' || value === 'last';
  const missed = checked.take<'all' | 'last'>('missed', "'all' or 'last'", isMissed) ?? 'last';
  if (!Number.isSafeInteger(ms) || ms <= 0 || ms > mostMs) {
    throw optionsError('every()', 'The interval', `a whole number of milliseconds from 1 to ${mostMs}`, ms);
  }
  if (typeof make !== 'function')
    throw optionsError('every()', 'The second argument', 'a function (at) => element', make);
  return new Timer(ms, make, missed);
}
