import type { Broker } from '../../brokers/broker.js';
import type { Plan } from '../plan/plan.js';
import type { Health, HealthOptions } from './health.js';
import type { WatchCalls } from './lane-calls.js';
import type { LaneState } from './lane-state.js';
import type { Progress } from './progress.js';

/** The method of a mill that returns its view: only for code of this package. */
export const viewOfMill = Symbol.for('watermill view of a mill');

/** The view of a mill for metrics, the page of a service, the test kit and the command line. */
export interface MillView {
  readonly plan: Plan;
  /** The brokers that are read; the leader first. */
  readonly brokers: readonly Broker[];
  /** By the mill's clock. */
  now(): number;
  lanes(): readonly LaneState[];
  /** The run has ended or failed. */
  isOver(): boolean;
  progress(): Progress;
  health(options?: HealthOptions): Health;
  explain(options?: { readonly format?: 'text' | 'mermaid' | 'svg' }): string;
  /**
   * The same mill, not run yet, with the brokers that the function returns in place of its own. `isAll`: they also get
   * all results, whatever `outputBroker` says.
   */
  remade(brokers: (given: readonly Broker[]) => readonly Broker[], isAll: boolean): object;
  /** Whether the caller is a call that the run waits for: it must not wait for the run. */
  awaitsCaller(): boolean;
  /** Watches the calls of every lane from now on. */
  watchCalls(watch: WatchCalls): void;
}

/** The view of a mill; undefined if it is not a mill, or is one of another version. */
export function viewOf(mill: unknown): MillView | undefined {
  if (typeof mill !== 'object' || mill === null || !(viewOfMill in mill)) return undefined;
  const view = mill[viewOfMill];
  return typeof view === 'function' ? view.call(mill) : undefined;
}
