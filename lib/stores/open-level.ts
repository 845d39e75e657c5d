import { promises as fs } from 'node:fs';
import path from 'node:path';
import { realTime } from '../base/real-time.js';
import { reasonOf } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import { ifExists } from '../files/durable-files.js';
import { makeFolders } from '../files/make-folders.js';
import { type LevelDatabase, levelEncodings, levelOptions, loadClassicLevel } from './classic-level.js';

/** How long to wait for a store that the previous owner of its lane still has open. Milliseconds. */
const patienceMs = 2_000;
const lookEveryMs = 50;

/** The file that marks a damaged store. */
export const damageNote = 'damaged';

/** Opens the store in a folder; a damaged one is discarded. */
export async function openLevel(table: string, folder: string): Promise<LevelDatabase> {
  const Level = loadClassicLevel(table);
  try {
    await makeFolders(folder, 0o700);
    if ((await ifExists(fs.stat(path.join(folder, damageNote)))) !== undefined) await empty(folder);
    return await tryOpen(new Level(folder, levelEncodings));
  } catch (cause) {
    if (isLocked(cause)) throw inUse(table, folder, cause);
    try {
      await empty(folder);
      return await tryOpen(new Level(folder, levelEncodings));
    } catch (second) {
      throw isLocked(second) ? inUse(table, folder, second) : unusable(table, folder, 'opened', second);
    }
  }
}

/** Opens an empty store. */
export async function openEmptyLevel(table: string, folder: string): Promise<LevelDatabase> {
  try {
    await empty(folder);
  } catch (cause) {
    throw unusable(table, folder, 'emptied', cause);
  }
  return openLevel(table, folder);
}

export function unusable(table: string, folder: string, done: string, cause: unknown): WaterMillError {
  const found = innermost(cause);
  return new WaterMillError(
    'WM_TABLE_STORE',
    `The store of the table ${table} cannot be ${done} in ${folder}: ${found}. It needs a folder on a local disk with space, in which this ` +
      'process may write: name one in the option storeFolder of the mill.',
    { table, stream: folder, expected: 'a folder that can be written', found },
    { cause },
  );
}

async function tryOpen(database: LevelDatabase): Promise<LevelDatabase> {
  for (let waited = 0; ; waited += lookEveryMs) {
    try {
      await database.open(levelOptions);
      return database;
    } catch (error) {
      if (!isLocked(error) || waited >= patienceMs) throw error;
      await realTime.sleep(lookEveryMs);
    }
  }
}

async function empty(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder)) await fs.rm(path.join(folder, name), { recursive: true, force: true });
}

function isLocked(error: unknown): boolean {
  return (error as { cause?: { code?: unknown } } | undefined)?.cause?.code === 'LEVEL_LOCKED';
}

function innermost(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause === undefined ? reasonOf(error) : innermost(cause);
}

/** Returns whether opening a store failed because another process has it open. */
export function isInUse(error: unknown): boolean {
  return isLocked((error as { cause?: unknown }).cause);
}

function inUse(table: string, folder: string, cause: unknown): WaterMillError {
  return new WaterMillError(
    'WM_TABLE_STORE',
    `The store of the table ${table} in ${folder} is still in use by another process after ${patienceMs / 1_000} s. Stop it, or give each ` +
      'process its own folder: the option storeFolder of the mill.',
    { table, stream: folder, expected: 'a folder that no other process uses', found: innermost(cause) },
    { cause },
  );
}
