import { randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { hostname } from 'node:os';
import { WaterMillError } from '../../base/watermill-error.js';
import { ifExists } from './durable-files.js';
import { writing } from './output-errors.js';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in milliseconds: in a container every process may have the same pid. */
  readonly startedAt: number;
  /** Tells the owners of one process apart. */
  readonly token: string;
}

/** How far the begin of a process, computed twice, may differ. */
const startToleranceMs = 2_000;
/** A lock file without an owner's name in it is being written just now, unless it is older than this. */
const writingTakesMs = 5_000;

/** Holds off a second mill with the same group on the same files, also in another process. */
export class GroupLock {
  private releasing: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly text: string,
  ) {}

  /** Takes the lock, also from a process that has died. */
  static async take(path: string, group: string): Promise<GroupLock> {
    const own: Owner = { pid: process.pid, host: hostname(), startedAt: ownStart(), token: randomUUID() };
    const ownText = JSON.stringify(own);
    for (let attempt = 0; ; attempt++) {
      if (await writing(path, create(path, ownText))) return new GroupLock(path, ownText);
      const text = await ifExists(fs.readFile(path, 'utf8'));
      if (text === undefined) continue;
      const owner = await ownerOf(text, path);
      if (attempt > 2 || owner === 'unknown' || isAlive(owner)) throw inUse(path, group, owner);
      await writing(path, removeDead(path, text));
    }
  }

  release(): Promise<void> {
    this.releasing ??= this.remove();
    return this.releasing;
  }

  /** Not the lock of another, who took this one for a dead one's. */
  private async remove(): Promise<void> {
    const text = await ifExists(fs.readFile(this.path, 'utf8'));
    if (text === this.text) await ifExists(fs.unlink(this.path));
  }
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    await fs.writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead process; not the new one that another process may have put in its place meanwhile. */
async function removeDead(path: string, dead: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  await ifExists(fs.rename(path, aside));
  const moved = await ifExists(fs.readFile(aside, 'utf8'));
  if (moved !== undefined && moved !== dead) await fs.writeFile(path, moved, { flag: 'wx' });
  await ifExists(fs.unlink(aside));
}

/** A file so old without a name in it was left by an owner that died over it. */
async function ownerOf(text: string, path: string): Promise<Owner | 'unknown'> {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    const state = await ifExists(fs.stat(path));
    return state === undefined || Date.now() - state.mtimeMs < writingTakesMs ? 'unknown' : nobody;
  }
}

/** Stands for an owner that died before it wrote its name. */
const nobody: Owner = { pid: process.pid, host: hostname(), startedAt: 0, token: '' };

function isAlive({ pid, host, startedAt }: Owner): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return Math.abs(startedAt - ownStart()) < startToleranceMs;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ownStart(): number {
  return Math.round(Date.now() - process.uptime() * 1000);
}

function inUse(path: string, group: string, owner: Owner | 'unknown'): WaterMillError {
  const who = owner !== 'unknown' ? `process ${owner.pid} on ${owner.host}` : 'another process';
  return new WaterMillError(
    'WM_GROUP_IN_USE',
    `The group '${group}' is in use by ${who}: two mills of one group would overwrite each other's results and progress. ` +
      `Wait until that one has ended, or give this one another group and other outputs. If it is no mill any more, delete ${path}.`,
    { group, stream: path, expected: 'no other mill with this group', found: who },
  );
}
