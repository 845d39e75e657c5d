import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process, also compared to a later one with the same PID. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The start time in the kernel's ticks; `0` if the system does not tell. */
  readonly ticks: string;
  /** The scope in which `pid` and `ticks` are valid; `0` if unknown. */
  readonly space: string;
}

let own: ProcessIdentity | undefined;

export function thisProcess(): ProcessIdentity {
  own ??= { pid: process.pid, ...placeOfThisProcess() };
  return own;
}

/**
 * Returns whether a process is still running, or undefined if this process cannot know: the other one runs in another
 * container, on another host, or before the last boot; or the system does not tell its start time, and another process
 * may have its PID.
 */
export function isRunning({ pid, ticks, space }: ProcessIdentity): boolean | undefined {
  if (space === '0' || space !== thisProcess().space) return undefined;
  const found = ticks === '0' ? undefined : stateOf(pid);
  if (found !== undefined) return found.ticks === ticks && !found.isDead;
  return hasNumber(pid) ? undefined : false;
}

/**
 * On Linux: one boot of one kernel, one PID namespace, one time namespace; equal host names prove nothing. Unknown if
 * /proc belongs to another namespace, as in a container with the host's. Other systems have no such namespaces, and the
 * host name is used.
 */
function placeOfThisProcess(): Pick<ProcessIdentity, 'ticks' | 'space'> {
  const unknown = { ticks: '0', space: '0' };
  if (process.platform !== 'linux') return { ticks: '0', space: digest(hostname()) };
  try {
    const state = stateOf('self');
    // A sandbox that does not know the start time of a process returns 0.
    if (state === undefined || state.pid !== process.pid || state.ticks === '0') return unknown;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const namespaces = [readlinkSync('/proc/self/ns/pid'), timeNamespace()];
    return { ticks: state.ticks, space: digest([boot, ...namespaces].join(' ')) };
  } catch {
    return unknown;
  }
}

/** Kernels before 5.6 have none. */
function timeNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/time');
  } catch {
    return '';
  }
}

/** The state of a process on Linux. The second field, its name in parentheses, may contain spaces. */
function stateOf(pid: number | 'self'): { pid: number; ticks: string; isDead: boolean } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A killed process that its parent has not waited for is a zombie.
  return { pid: Number.parseInt(text, 10), ticks: fields[19] ?? '0', isDead: /^[ZXx]$/.test(fields[0] ?? '') };
}

function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
