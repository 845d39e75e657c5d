import { promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import { WaterMillError } from '../base/watermill-error.js';

/** A file, or a folder, that a run reads or writes, and its use: `the input of Order`. */
export interface FileUse {
  /** Absolute, with links resolved. */
  readonly path: string;
  readonly what: string;
  readonly isWritten: boolean;
}

/**
 * The files of one run, of all its brokers. Refuses a file that is written and has another use as well. Compares names
 * and, because of links, other spellings and mounts, the files that they lead to.
 */
export class UsedFiles {
  private readonly byName = new Map<string, FileUse>();
  /** A use in each folder. */
  private readonly byFolder = new Map<string, FileUse>();
  private readonly data: Data[] = [];

  /** @throws WaterMillError `WM_SAME_FILE` if it has another use, and one of the two writes it. */
  async add(use: FileUse): Promise<void> {
    const names = [`name ${use.path}`, ...(await identityOf(use.path))];
    const folders = foldersOf(use.path);
    for (const name of names) refuseBoth(use, this.byName.get(name));
    refuseFolder(use, this.byFolder.get(use.path));
    for (const folder of folders) {
      const other = this.byName.get(`name ${folder}`);
      if (other !== undefined) refuseFolder(other, use);
    }
    for (const data of this.data) refuseAmong(data, use);
    for (const name of names) this.byName.set(name, use);
    for (const folder of folders) this.byFolder.set(folder, use);
  }

  /**
   * Adds files that are read as they arrive: those for which `has` is true. `what`: `data of inbox, the input of Order`.
   *
   * @throws WaterMillError `WM_SAME_FILE` if one of them is written.
   */
  addData(what: string, has: (path: string) => boolean): void {
    const data = { what, has };
    for (const use of this.byName.values()) refuseAmong(data, use);
    this.data.push(data);
  }
}

interface Data {
  readonly what: string;
  readonly has: (path: string) => boolean;
}

async function identityOf(path: string): Promise<string[]> {
  const state = await fs.stat(path, { bigint: true }).catch(() => undefined);
  return state?.isFile() ? [`file ${state.dev} ${state.ino}`] : [];
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path; dirname(at) !== at; ) {
    at = dirname(at);
    folders.push(at);
  }
  return folders;
}

function refuseBoth(use: FileUse, other: FileUse | undefined): void {
  if (other === undefined || !(use.isWritten || other.isWritten)) return;
  const [written, known] = use.isWritten ? [use, other] : [other, use];
  const found = known.path === written.path ? known.what : `${known.what} (as ${known.path})`;
  throw sharedFile(written, `is ${found} as well`, found);
}

/** Throws if a file would be written in the place of the folder of another. */
function refuseFolder(use: FileUse, inside: FileUse | undefined): void {
  if (inside === undefined || !use.isWritten) return;
  const found = `the folder of ${inside.path}, ${inside.what}`;
  throw sharedFile(use, `is ${found}`, found);
}

/** Throws if a file would be written that is then read as data. */
function refuseAmong({ what, has }: Data, use: FileUse): void {
  if (use.isWritten && has(use.path)) throw sharedFile(use, `would be read as ${what}`, what);
}

function sharedFile({ path, what }: FileUse, but: string, found: string): WaterMillError {
  return new WaterMillError(
    'WM_SAME_FILE',
    `${path} would be written as ${what}, but ${but}. Give every result class its own file, with another name.`,
    { stream: path, expected: 'a file for one use', found },
  );
}
