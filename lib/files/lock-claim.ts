import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ifExists } from './durable-files.js';
import { type ProcessIdentity, thisProcess } from './process-identity.js';

/**
 * The claim file of a process that holds the lock, or is about to take it. Its name, which is unique, identifies the
 * process.
 */
export interface LockClaim {
  readonly file: string;
  readonly owner: ProcessIdentity;
  /** Distinguishes the claims of one process, and orders those of several. */
  readonly token: string;
}

export function newClaim(path: string): LockClaim {
  const owner = thisProcess();
  const token = randomBytes(6).toString('hex');
  return { file: `${path}.${owner.pid}-${owner.ticks}-${owner.space}-${token}.lock`, owner, token };
}

/**
 * The current claims on a lock. Something else of that name was not made by a process that wants it, and opening a pipe
 * would block.
 */
export async function claimsOn(path: string): Promise<LockClaim[]> {
  const directory = dirname(path);
  const prefix = `${basename(path)}.`;
  const names = await fs.readdir(directory);
  const claims = names
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => parseClaim(join(directory, name), name.slice(prefix.length)) ?? []);
  const areFiles = await Promise.all(claims.map(({ file }) => isFile(file)));
  return claims.filter((_, i) => areFiles[i]);
}

/** Returns false also if it has been removed in the meantime. */
async function isFile(path: string): Promise<boolean> {
  const state = await ifExists(fs.lstat(path));
  return state?.isFile() === true;
}

/** A claim without contents is not a lock yet. */
export interface ClaimState {
  readonly isHeld: boolean;
  /** Changes whenever its owner shows life. */
  readonly beat: string;
}

/** Undefined if the claim was withdrawn. */
export async function stateOfClaim({ file }: LockClaim): Promise<ClaimState | undefined> {
  // A network file system shows the state of a moment ago, unless the file is opened.
  const handle = await ifExists(fs.open(file, 'r'));
  if (handle === undefined) return undefined;
  try {
    const { size, mtimeNs } = await handle.stat({ bigint: true });
    return { isHeld: size > 0n, beat: `${size} ${mtimeNs}` };
  } finally {
    await handle.close();
  }
}

/** The owner of a claim, in words. */
export async function ownerOf({ file, owner }: LockClaim): Promise<string> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n')[0] || `process ${owner.pid}`;
}

export async function removeClaim({ file }: LockClaim): Promise<void> {
  await ifExists(fs.unlink(file));
}

/** Returns whether a file of this name is a claim on a lock. */
export function isClaim(name: string): boolean {
  return claimName.test(name);
}

const claimName = /(?<=^|\.)(\d+)-(\d+)-([0-9a-f]+)-([0-9a-f]{12})\.lock$/;

function parseClaim(file: string, rest: string): LockClaim | undefined {
  const match = claimName.exec(rest);
  if (match?.index !== 0) return undefined;
  const [, pid, ticks, space, token] = match;
  return { file, owner: { pid: Number(pid), ticks: ticks!, space: space! }, token: token! };
}
