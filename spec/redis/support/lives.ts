import path from 'node:path';
import { type Life, startWorker } from '../../support/lives.js';
import { redisUrl } from './on-redis.js';

/** The common settings of the processes in a crash test. */
export interface LifeSetup {
  readonly kind: 'streams' | 'lanes' | 'group' | 'list';
  readonly guarantee: 'at-least-once' | 'exactly-once';
  readonly group: string;
  readonly orders: string;
  readonly prices: string;
  readonly sales: string;
  readonly perCommit: number;
  /** The duration of every tenth call. */
  readonly pauseMs: number;
  readonly maxDeliveries: number;
  /** The id of the order that kills the process. */
  readonly poison?: string;
}

/** Starts a process that runs the mill, with the name of a consumer. */
export function startLife(setup: LifeSetup, consumer = 'one'): Life {
  return startWorker(path.join(__dirname, 'crash-worker.cjs'), { ...setup, url: redisUrl, consumer });
}

/** The common settings of the processes with tables. */
export interface TableLifeSetup {
  readonly guarantee: 'at-least-once' | 'exactly-once';
  readonly store: 'memory' | 'disk';
  readonly storeFolder: string;
  /** A table of many rows next to the small one: its size, and the rows that a call changes. */
  readonly load: { readonly rows: number; readonly perStep: number; readonly bytes: number };
  readonly lanes: number;
  readonly group: string;
  readonly steps: string;
  readonly seen: string;
  readonly perCommit: number;
  readonly pauseMs: number;
}

/** Starts a process that runs a mill with tables. */
export function startTableLife(setup: TableLifeSetup, nodeOptions: readonly string[]): Life {
  return startWorker(path.join(__dirname, 'table-worker.cjs'), { ...setup, url: redisUrl }, nodeOptions);
}
