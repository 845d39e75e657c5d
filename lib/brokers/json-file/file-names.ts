import { promises as fs, readlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * The files that a run keeps next to a result, named after it: for `speed.json` and the group `meter`, they are
 * `speed.json.meter.partial`, `speed.json.meter.progress.json`, with tables a folder `speed.json.meter.tables`, and,
 * while a mill runs, a lock `….lock` next to the result, the partial file and the progress file, named after each.
 * Without a group: `speed.json.partial`, and the locks of it and of the result.
 */
export function partialName(path: string, group: string | undefined): string {
  return `${group === undefined ? path : groupName(path, group)}.partial`;
}

export function progressName(path: string, group: string): string {
  return `${groupName(path, group)}.progress.json`;
}

/** The folder of a group's tables. */
export function tablesName(path: string, group: string): string {
  return `${groupName(path, group)}.tables`;
}

/**
 * The prefix of the names of a group's files. A group may be any text; characters that a file name cannot contain are
 * percent-encoded.
 */
function groupName(path: string, group: string): string {
  return `${path}.${encodeURIComponent(group).replaceAll('*', '%2A').replaceAll('.', '%2E')}`;
}

/** The file of one of several lanes: `speed.3.json.gz` for `speed.json.gz`. */
export function laneFileName(path: string, lane: string): string {
  const name = basename(path);
  const dot = name.search(/(\.[a-z]\w*)(\.gz)?$/i);
  const at = path.length - name.length + (dot < 1 ? name.length : dot);
  return `${path.slice(0, at)}.${lane}${path.slice(at)}`;
}

/** The path that all names of this process's standard output resolve to. */
export const standardOutput = '/dev/stdout';
const mostLinks = 40;

/** Resolves the links of an absolute path, even if the target does not exist yet. Never throws. */
export async function followLinks(path: string, links = 0): Promise<string> {
  const parent = dirname(path);
  if (parent === path || links > mostLinks) return path;
  const here = join(await followLinks(parent, links), basename(path));
  if (isStandardOutput(here)) return standardOutput;
  const target = await fs.readlink(here).catch(() => undefined);
  if (target === undefined) return here;
  const there = await followLinks(resolve(dirname(here), target), links + 1);
  // Links in /proc may point to unnamed objects: a pipe, a deleted file.
  return (await exists(here)) && !(await exists(there)) ? here : there;
}

function isStandardOutput(path: string): boolean {
  return path === standardOutput || path === '/dev/fd/1' || path === `/proc/${ownProc()}/fd/1`;
}

/** This process's folder in /proc. `process.pid` is wrong if /proc belongs to another PID namespace. */
function ownProc(): string {
  try {
    return readlinkSync('/proc/self');
  } catch {
    return 'self';
  }
}

function exists(path: string): Promise<boolean> {
  return fs.stat(path).then(
    () => true,
    () => false,
  );
}
