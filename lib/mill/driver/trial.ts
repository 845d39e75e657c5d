import type { Clock } from '../../base/clock.js';
import { silentLogger } from '../../base/logger.js';
import { memberOrNothing } from '../../base/shown-value.js';
import type { Broker } from '../../brokers/broker.js';
import type { Plan } from '../plan/plan.js';
import type { BoundProcess } from '../process/bind-process.js';
import type { CommitEvery } from './run-options.js';

/**
 * The settings that a test kit imposes on the mills on its broker, whatever their options say. Such a mill logs nothing
 * and shows no progress, since it is one of hundreds.
 */
export interface Trial {
  readonly clock: Clock;
  readonly commitEvery: CommitEvery;
  readonly freeze: boolean;
  /** Returns the process to call in place of the mill's own. */
  bound(process: BoundProcess, plan: Plan): BoundProcess;
}

/** A registered symbol: the kit and the mill may come from two copies of this package. */
export const trialKey = Symbol.for('watermill.trial');

/** The settings of a mill under trial that replace its options; none for other mills. */
export function trialSetup(trial: Trial | undefined) {
  if (trial === undefined) return { trial };
  const { clock, commitEvery, freeze } = trial;
  const watchdog = { afterMs: Number.MAX_SAFE_INTEGER, onWaiting: undefined };
  return { trial, clock, commitEvery, freeze, logger: silentLogger, watchdog, terminal: undefined };
}

/** The trial of a broker, if it belongs to a test kit. */
export function trialOf(broker: Broker): Trial | undefined {
  return memberOrNothing(broker, trialKey) as Trial | undefined;
}
