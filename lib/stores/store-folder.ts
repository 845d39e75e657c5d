import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeFoldersSync } from '../files/make-folders.js';
import { unusable } from './open-level.js';

const temporaryPrefix = 'run-';
/** The temporary folders of this process. */
const temporary = new Set<string>();
let isRemovedAtExit = false;

/** The default folder for stores: they are copies, which are filled again if they are missing. */
export function defaultStoreFolder(): string {
  return path.join(os.tmpdir(), `watermill-stores-${os.userInfo().uid}`);
}

/** The folder of a table's store, the same in every run: `VisitsByUser-3-1f9c2a7e60b4`. */
export function storeFolder(base: string, table: string, lane: string, owner: string): string {
  const plain = `${table}-${lane}`.replace(/[^\w-]/g, '_').slice(0, 80);
  return path.join(path.resolve(base), `${plain}-${createHash('sha256').update(owner).digest('hex').slice(0, 12)}`);
}

/**
 * Creates a folder for a store that no other process can use: it is deleted when the store is closed, or when this
 * process exits.
 */
export function temporaryStoreFolder(base: string, table: string): string {
  const home = path.resolve(base);
  try {
    return makeTemporary(home);
  } catch (cause) {
    throw unusable(table, home, 'opened', cause);
  }
}

function makeTemporary(home: string): string {
  makeFoldersSync(home, 0o700);
  removeLeftovers(home);
  const folder = mkdtempSync(path.join(home, `${temporaryPrefix}${process.pid}-`));
  if (!isRemovedAtExit) process.once('exit', removeAll);
  isRemovedAtExit = true;
  temporary.add(folder);
  return folder;
}

/** Deletes a folder made by `temporaryStoreFolder`; leaves others. */
export function removeTemporary(folder: string): void {
  if (temporary.delete(folder)) rmSync(folder, { recursive: true, force: true });
}

/** Deletes the temporary folders of processes that were killed. */
function removeLeftovers(home: string): void {
  for (const name of readdirSync(home)) {
    const folder = path.join(home, name);
    const pid = Number(/^run-(\d+)-/.exec(name)?.[1]);
    if (Number.isInteger(pid) && !temporary.has(folder) && !isAlive(pid))
      rmSync(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function removeAll(): void {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
}
