import { randomUUID } from 'node:crypto';
import { promises as fs, writeFileSync } from 'node:fs';
import { realNow } from '../../base/date.js';
import { realTime } from '../../base/real-time.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { ifExists } from './durable-files.js';
import { isAlive, type LockOwner, parseOwner, thisProcess } from './lock-owner.js';
import { writing } from './output-errors.js';

/** A lock file without an owner's name in it is being written just now, unless it stays so for longer than this. */
const writingTakesMs = 5_000;
const lookEveryMs = 50;

/** Holds off a second mill with the same group on the same files, also in another process. */
export class GroupLock {
  private releasing: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly text: string,
  ) {}

  /** Takes the lock, also from a process that has died. */
  static async take(path: string, group: string): Promise<GroupLock> {
    const ownText = JSON.stringify(await thisProcess(randomUUID()));
    for (let attempt = 0; ; attempt++) {
      if (await writing(path, create(path, ownText))) return new GroupLock(path, ownText);
      const text = await readLock(path);
      if (text === undefined) continue;
      const owner = parseOwner(text);
      if (attempt > 2 || (owner !== undefined && (await isAlive(owner)))) throw inUse(path, group, owner);
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
    // At one go: a process that is killed between the two steps of this leaves a lock that names nobody.
    writeFileSync(path, text, { flag: 'wx' });
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

/** The text of a lock once it names an owner; as it is where that has died over writing it. Undefined: there is none. */
async function readLock(path: string): Promise<string | undefined> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const text = await ifExists(fs.readFile(path, 'utf8'));
    if (text === undefined || parseOwner(text) !== undefined || waitedMs >= writingTakesMs) return text;
    const state = await ifExists(fs.stat(path));
    if (state !== undefined && realNow() - state.mtimeMs >= writingTakesMs) return text;
    await realTime.sleep(lookEveryMs);
  }
}

function inUse(path: string, group: string, owner: LockOwner | undefined): WaterMillError {
  const who = owner !== undefined ? `process ${owner.pid} on ${owner.host}` : 'another process';
  return new WaterMillError(
    'WM_GROUP_IN_USE',
    `The group '${group}' is in use by ${who}: two mills of one group would overwrite each other's results and progress. ` +
      `Wait until that one has ended, or give this one another group and other outputs. If it is no mill any more, delete ${path}.`,
    { group, stream: path, expected: 'no other mill with this group', found: who },
  );
}
