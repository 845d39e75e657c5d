import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Broker, Connection } from '../../brokers/broker.js';
import type { TableOfLanes } from '../../tables/table-of-lanes.js';
import type { Plan } from '../plan/plan.js';
import type { BoundProcess } from '../process/bind-process.js';
import type { LaneHealth } from '../report/health.js';
import type { OpenKeys } from './open-keys.js';
import type { CommitEvery } from './run-options.js';

/** The part of a run that its lanes share. */
export interface LaneContext {
  readonly plan: Plan;
  readonly process: BoundProcess;
  readonly connection: Connection;
  /** The broker of the master, which keeps the progress. */
  readonly leader: Broker;
  /** The names of the brokers that results are written to. */
  readonly writers: string;
  /** Aborted when the run is stopped. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commitEvery: CommitEvery;
  /** Whether progress of another plan is refused, or dropped. */
  readonly onPlanChange: 'fail' | 'restart';
  /** The calls that wait for their results to be saved. */
  readonly keys: OpenKeys;
  /** By the plan's tables: their view from outside. */
  readonly tables: readonly TableOfLanes<any>[];
  /** The folder for the stores of tables on disk. Undefined for the default folder. */
  readonly storeFolder: string | undefined;
  /** The lanes that are restoring their tables. */
  readonly restoring: Set<{ health(): LaneHealth }>;
  /** Elements are frozen: a call that changes one fails. */
  readonly freeze: boolean;
  /** The maximum number of calls that a lane holds before it waits. */
  readonly maxOpen: number;
}
