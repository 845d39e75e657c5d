import path from 'node:path';
import { type Life, startWorker } from '../../support/lives.js';
import { redisUrl } from './on-redis.js';

/** What the processes of one crash test have in common. */
export interface LifeSetup {
  readonly kind: 'streams' | 'lanes' | 'group' | 'list';
  readonly guarantee: 'at-least-once' | 'exactly-once';
  readonly group: string;
  readonly orders: string;
  readonly prices: string;
  readonly sales: string;
  readonly perCommit: number;
  /** How long every tenth call takes. */
  readonly pauseMs: number;
  readonly maxDeliveries: number;
  /** The id of the order that ends the process. */
  readonly poison?: string;
}

/** Starts a process that runs the mill, under the name of a consumer. */
export function startLife(setup: LifeSetup, consumer = 'one'): Life {
  return startWorker(path.join(__dirname, 'crash-worker.cjs'), { ...setup, url: redisUrl, consumer });
}
