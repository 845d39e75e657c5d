import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as others can tell it apart, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, as the kernel counts it; `0` where the system does not tell. */
  readonly ticks: string;
  /** In which space `pid` and `ticks` mean something; `0` where that is not known. */
  readonly space: string;
}

let own: ProcessIdentity | undefined;

export function thisProcess(): ProcessIdentity {
  own ??= { pid: process.pid, ...placeOfThisProcess() };
  return own;
}

/**
 * Whether a process is still there, or undefined if this process cannot know: the other one runs in another container,
 * on another host, or before the last boot; or the system does not say when it began, and its number may be another's.
 */
export function isRunning({ pid, ticks, space }: ProcessIdentity): boolean | undefined {
  if (space === '0' || space !== thisProcess().space) return undefined;
  const found = ticks === '0' ? undefined : stateOf(pid);
  if (found !== undefined) return found.ticks === ticks && !found.isDead;
  return hasNumber(pid) ? undefined : false;
}

/**
 * Linux: one boot of one kernel, one pid namespace, one time namespace; equal host names say nothing. Unknown where /proc
 * is of another namespace, as in a container that was given the host's. Elsewhere there are no such namespaces, and the
 * host's name must do.
 */
function placeOfThisProcess(): Pick<ProcessIdentity, 'ticks' | 'space'> {
  const unknown = { ticks: '0', space: '0' };
  if (process.platform !== 'linux') return { ticks: '0', space: digest(hostname()) };
  try {
    const state = stateOf('self');
    // A sandbox that does not know when a process began returns 0.
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

/** What Linux says of a process. The second field, its name in parentheses, may hold spaces. */
function stateOf(pid: number | 'self'): { pid: number; ticks: string; isDead: boolean } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A killed process that its parent has not looked at yet is a zombie.
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
