import type { Clock } from '../../base/clock.js';
import { silentLogger } from '../../base/logger.js';
import { memberOrNothing } from '../../base/shown-value.js';
import type { Broker } from '../../brokers/broker.js';
import type { Plan } from '../plan/plan.js';
import type { BoundProcess } from '../process/bind-process.js';
import type { CommitEvery } from './commit/commit-schedule.js';

/**
 * What a test kit decides for the mills on its broker, whatever their options say. Such a mill logs nothing and shows no
 * progress: it is one of hundreds.
 */
export interface Trial {
  readonly clock: Clock;
  readonly commitEvery: CommitEvery;
  readonly freeze: boolean;
  /** The process whose calls the mill makes instead of its own. */
  bound(process: BoundProcess, plan: Plan): BoundProcess;
}

/** A registered symbol: the kit and the mill may come from two copies of this package. */
export const trialKey = Symbol.for('watermill.trial');

/** What a mill under trial has instead of some of its options; nothing for any other. */
export function trialSetup(trial: Trial | undefined) {
  if (trial === undefined) return { trial };
  const { clock, commitEvery, freeze } = trial;
  const watchdog = { afterMs: Number.MAX_SAFE_INTEGER, onWaiting: undefined };
  return { trial, clock, commitEvery, freeze, logger: silentLogger, watchdog, terminal: undefined };
}

/** The trial that a broker carries, if it is a test kit's. */
export function trialOf(broker: Broker): Trial | undefined {
  return memberOrNothing(broker, trialKey) as Trial | undefined;
}
