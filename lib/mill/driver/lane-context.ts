import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Broker, Connection } from '../../brokers/broker.js';
import type { TableOfLanes } from '../../tables/table-of-lanes.js';
import type { Plan } from '../plan/plan.js';
import type { BoundProcess } from '../process/bind-process.js';
import type { LaneHealth } from '../report/health.js';
import type { OpenKeys } from './calls/open-keys.js';
import type { CommitEvery } from './commit/commit-schedule.js';

/** What the lanes of one run have in common. */
export interface LaneContext {
  readonly plan: Plan;
  readonly process: BoundProcess;
  readonly connection: Connection;
  /** The broker of the master: it keeps the progress. */
  readonly leader: Broker;
  /** What the brokers that results go to are called. */
  readonly writers: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commitEvery: CommitEvery;
  /** Whether progress of another plan is refused, or forgotten. */
  readonly onPlanChange: 'fail' | 'restart';
  /** Calls that wait for their results to be saved. */
  readonly keys: OpenKeys;
  /** By the plan's tables: what is seen of them from outside. */
  readonly tables: readonly TableOfLanes<any>[];
  /** Where tables that are on disk have their stores. Undefined: in the default folder. */
  readonly storeFolder: string | undefined;
  /** Lanes that are restoring their tables. */
  readonly restoring: Set<{ health(): LaneHealth }>;
  /** Elements are frozen: a call that changes one fails. */
  readonly freeze: boolean;
  /** How many calls a lane may hold before it waits. */
  readonly maxOpen: number;
}
