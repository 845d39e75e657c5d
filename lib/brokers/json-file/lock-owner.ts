import { promises as fs } from 'node:fs';
import { hostname } from 'node:os';
import { realNow } from '../../base/date.js';
import { ifExists } from './durable-files.js';

/** Who holds a lock. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in milliseconds: in a container every process may have the same pid. */
  readonly startedAt: number;
  /** The same as the system counts it, where it tells (Linux): exact, whatever was done to the clock since. */
  readonly ticks?: string | undefined;
  /** Tells the owners of one process apart. */
  readonly token: string;
}

/** How far the begin of a process, computed twice, may differ. */
const startToleranceMs = 2_000;

export async function thisProcess(token: string): Promise<LockOwner> {
  return { pid: process.pid, host: hostname(), startedAt: ownStart(), ticks: await ticksOf(process.pid), token };
}

/** The owner that a lock names, or undefined where it names none. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    return JSON.parse(text) as LockOwner;
  } catch {
    return undefined;
  }
}

/** Whether the owner may still be at work. A process that got a dead one's number is not the owner. */
export async function isAlive({ pid, host, startedAt, ticks }: LockOwner): Promise<boolean> {
  if (host !== hostname()) return true;
  const ticksNow = ticks === undefined ? undefined : await ticksOf(pid);
  if (ticksNow !== undefined) return ticksNow === ticks;
  if (pid === process.pid) return Math.abs(startedAt - ownStart()) < startToleranceMs;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ownStart(): number {
  return Math.round(realNow() - process.uptime() * 1000);
}

/** The 22nd field of what Linux says of a process. The second one, its name in parentheses, may hold spaces. */
async function ticksOf(pid: number): Promise<string | undefined> {
  const state = await ifExists(fs.readFile(`/proc/${pid}/stat`, 'latin1')).catch(() => undefined);
  const ticks = state?.slice(state.lastIndexOf(')') + 2).split(' ')[19];
  // Sandboxes that do not know give 0.
  return ticks === '0' ? undefined : ticks;
}
