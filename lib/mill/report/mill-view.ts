import type { Broker } from '../../brokers/broker.js';
import type { Plan } from '../plan/plan.js';
import type { Health, HealthOptions } from './health.js';
import type { WatchCalls } from './lane-calls.js';
import type { LaneState } from './lane-state.js';
import type { Progress } from './progress.js';

/** The method of a mill that gives its view: only for what belongs to this package. */
export const viewOfMill = Symbol.for('watermill view of a mill');

/** What metrics, the page of a service and the command line see of a mill. */
export interface MillView {
  readonly plan: Plan;
  /** Those that are read; the leader first. */
  readonly brokers: readonly Broker[];
  /** By the mill's clock. */
  now(): number;
  lanes(): readonly LaneState[];
  progress(): Progress;
  health(options?: HealthOptions): Health;
  explain(options?: { readonly format?: 'text' | 'mermaid' | 'svg' }): string;
  /**
   * The same mill, not run yet, over the brokers that the function returns for those that it has. `isAll`: results go there,
   * too, whatever `outputBroker` says.
   */
  remade(brokers: (given: readonly Broker[]) => readonly Broker[], isAll: boolean): object;
  /** From now on, in every lane. */
  watchCalls(watch: WatchCalls): void;
}

/** The view of what may be a mill; undefined if it is none, or one of another version. */
export function viewOf(mill: unknown): MillView | undefined {
  if (typeof mill !== 'object' || mill === null || !(viewOfMill in mill)) return undefined;
  const view = mill[viewOfMill];
  return typeof view === 'function' ? view.call(mill) : undefined;
}
