import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ifExists } from './durable-files.js';

/**
 * The files that a run keeps beside a result, all named after it: for `speed.json` and the group `meter` these are
 * `speed.json.meter.partial`, `speed.json.meter.progress.json` and, while a mill runs, `speed.json.meter.lock`;
 * without a group only `speed.json.partial`.
 */
export function partialName(path: string, group: string | undefined): string {
  return group === undefined ? `${path}.partial` : `${path}.${fileSafe(group)}.partial`;
}

export function progressName(path: string, group: string): string {
  return `${path}.${fileSafe(group)}.progress.json`;
}

export function lockName(path: string, group: string): string {
  return `${path}.${fileSafe(group)}.lock`;
}

/** The file of one of several lanes: `speed.3.json.gz` for `speed.json.gz`. */
export function laneFileName(path: string, lane: string): string {
  const name = basename(path);
  const dot = name.search(/(\.[a-z]\w*)(\.gz)?$/i);
  const at = path.length - name.length + (dot < 1 ? name.length : dot);
  return `${path.slice(0, at)}.${lane}${path.slice(at)}`;
}

/** A group may be any text; what a file name cannot hold is written as in an address. */
function fileSafe(group: string): string {
  return encodeURIComponent(group).replaceAll('*', '%2A').replaceAll('.', '%2E');
}

/** Where a path leads, links followed, also where the file or its directory do not exist yet. */
export async function followLinks(path: string): Promise<string> {
  const real = await ifExists(fs.realpath(path));
  if (real !== undefined) return real;
  const directory = await ifExists(fs.realpath(dirname(path)));
  return directory === undefined ? path : join(directory, basename(path));
}
