import path from 'node:path';
import { type Life, startWorker } from '../../support/lives.js';
import type { Guarantee } from './kafka-broker.js';
import { kafkaAddress } from './on-kafka.js';

/** The common settings of the processes in a crash test. */
export interface LifeSetup {
  readonly guarantee: Guarantee;
  readonly selfJoin: boolean;
  readonly group: string;
  readonly orders: string;
  readonly prices: string;
  readonly sales: string;
  readonly perCommit: number;
  /** The duration of every tenth call. */
  readonly pauseMs: number;
}

/** Starts a process that runs the mill and kills itself at the given write or commit, if any. */
export function startLife(setup: LifeSetup, dieAt = 0): Life {
  return startWorker(path.join(__dirname, 'crash-worker.cjs'), { ...setup, address: kafkaAddress, dieAt });
}

/** The common settings of the processes with a table. */
export interface TableLifeSetup {
  readonly guarantee: Guarantee;
  readonly store: 'memory' | 'disk';
  readonly storeFolder: string;
  readonly group: string;
  readonly steps: string;
  readonly seen: string;
  readonly perCommit: number;
  readonly pauseMs: number;
}

/** Starts a process that runs a mill with a table. */
export function startTableLife(setup: TableLifeSetup, dieAt = 0): Life {
  return startWorker(path.join(__dirname, 'table-worker.cjs'), { ...setup, address: kafkaAddress, dieAt });
}
