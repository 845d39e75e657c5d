import { sharedClass } from '../../base/loaded-copies.js';
import { BrokerOptions, optionsError } from '../broker-options.js';

/** The source of ticks returned by `every`. */
@sharedClass('Timer')
export class Timer<out T> {
  /** Carries the type only; never set. */
  declare readonly '~element'?: T;

  constructor(
    readonly intervalMs: number,
    readonly make: (at: Date) => unknown,
    readonly missed: 'all' | 'last',
  ) {}
}

/** How a timer treats ticks that were not taken in time. */
export interface TimerOptions {
  /**
   * What to do with ticks that were missed because a call was slow or the process was down: emit only the last of them
   * (`'last'`, the default), or each one (`'all'`).
   */
  readonly missed?: 'all' | 'last';
}

/** The longest timeout that Node supports. */
const mostMs = 2 ** 31 - 1;

/**
 * A source that emits an element at fixed intervals, on the mill's clock, and never ends on its own.
 *
 * The first tick comes one interval after the start. `at` is the wall time of the start plus a number of intervals, so
 * it does not drift; if progress is kept, a restart continues the ticks of the first start.
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
