import { promises as fs } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '../base/clock.js';
import { realNow } from '../base/date.js';
import { realTime } from '../base/real-time.js';
import { WaterMillError } from '../base/watermill-error.js';
import { ifExists } from './durable-files.js';
import { type LockClaim, newClaim, ownerOf, removeClaim } from './lock-claim.js';
import { LockRivals, type WatchOptions } from './lock-rivals.js';

const beatEveryMs = 1_000;
/** A lock that was confirmed this recently is valid: no lock is taken over before its owner was silent for twice as long. */
const leaseMs = 5_000;
const lookEveryMs = 20;
/** How long those are waited for that must go, as they are weaker, and neither go nor take the lock. */
const contendMs = 10_000;

export interface LockOptions extends WatchOptions {
  /** The error for a lock that another process has: who, in words, and the file that says so. */
  readonly inUse: (owner: string, file: string) => Error;
  /** How long to wait for a lock that another process has. Default: not at all. */
  readonly patienceMs?: number | undefined;
}

/**
 * A lock among any number of processes that see one directory. At most one has it at a time; of those that ask for a free
 * one at the same time, exactly one gets it. It is free again when its owner is gone, however that ended.
 *
 * **How.** A process that wants the lock creates its own file next to the path, `<path>.<process>-<token>.lock`, a claim, and
 * then lists the claims. Only who sees no other living claim has the lock, until it removes its own. Of two that claim at
 * once, the second one to make its file sees that of the first, so never do both have it. No name is used twice: a dead
 * claim is removed without the danger of removing a living one, and there is nothing to take over. Who sees a holder goes;
 * of those who only see each other, all but the one with the lowest token go.
 *
 * **Who is dead** is known at once where both processes share a boot, a pid namespace and the kernel's word for when the
 * other began (Linux). Else (another container or host, an earlier boot, another system) an owner shows that it lives by
 * touching its claim every second; it is dead when the asking process saw no change for 10 seconds by its own clock. No
 * clocks are compared, and no host names.
 *
 * **What it relies on.** A new file is made by one only (`O_EXCL`), and a listing holds every file that was there all the
 * while: local file systems, and network ones that are not told to give that up. An owner that stalled for longer than
 * 10 seconds in *another* container (a frozen host, a call that blocks) may find its lock taken: it gets an error from
 * `guard` and `confirm` before it writes more.
 *
 * @example
 * ```ts
 * const lock = await FileLock.take('out/speed.json', { inUse: (owner) => new Error(`in use by ${owner}`) });
 * try {
 *   …
 * } finally {
 *   await lock.release();
 * }
 * ```
 */
export class FileLock {
  private confirmedAt = systemClock.now();
  private touched = realNow();
  private isLost = false;
  private isBeating = false;
  private releasing: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly claim: LockClaim,
    private readonly handle: fs.FileHandle,
  ) {
    this.timer = realTime.setInterval(() => void this.beat(), beatEveryMs).unref();
  }

  /**
   * Takes the lock of a path. The path itself need not exist, its directory must.
   *
   * @throws what `inUse` makes; what the file system says; an AbortError when the signal is aborted.
   */
  static async take(path: string, options: LockOptions): Promise<FileLock> {
    const { inUse, signal, patienceMs = 0 } = options;
    const rivals = new LockRivals(path, options);
    const begun = systemClock.now();
    for (;;) {
      const taken = await FileLock.contend(path, rivals, signal);
      if (taken instanceof FileLock) return taken;
      if (systemClock.now() - begun >= patienceMs) throw inUse(await ownerOf(taken.claim), taken.claim.file);
      await realTime.sleep(lookEveryMs, undefined, { signal });
    }
  }

  /** Returns the lock, or the owner that has it. */
  private static async contend(path: string, rivals: LockRivals, signal: AbortSignal | undefined) {
    const holder = (await rivals.watch()).find(({ isHeld }) => isHeld);
    if (holder !== undefined) return holder;
    const lock = await FileLock.openClaim(newClaim(path));
    try {
      const begun = systemClock.now();
      for (;;) {
        const others = (await rivals.look()).filter(({ claim }) => claim.file !== lock.claim.file);
        if (others.length === 0) return await lock.hold();
        const stronger = others.find(({ claim, isHeld }) => isHeld || claim.token < lock.claim.token);
        const inTheWay = stronger ?? (systemClock.now() - begun > contendMs ? others[0] : undefined);
        if (inTheWay !== undefined) {
          await lock.release();
          return inTheWay;
        }
        await realTime.sleep(1, undefined, { signal });
      }
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private static async openClaim(claim: LockClaim): Promise<FileLock> {
    return new FileLock(claim, await fs.open(claim.file, 'wx'));
  }

  /** A promise to wait for before more is written, where the lock was not confirmed lately; it rejects when it is lost. */
  guard(): Promise<void> | undefined {
    return !this.isLost && systemClock.now() - this.confirmedAt < leaseMs ? undefined : this.confirm();
  }

  /** Resolves when the lock is still this owner's. */
  async confirm(): Promise<void> {
    const now = systemClock.now();
    // No process creates a file of this name again.
    if (this.isLost || (await ifExists(fs.stat(this.claim.file))) === undefined) throw this.lost();
    this.confirmedAt = now;
  }

  /** Releases the lock; no effect if that was done, or if it is lost. */
  release(): Promise<void> {
    this.releasing ??= this.letGo();
    return this.releasing;
  }

  private async hold(): Promise<FileLock> {
    await this.handle.writeFile(
      `process ${process.pid} on ${hostname()}\nsince ${new Date(realNow()).toISOString()}\n`,
    );
    return this;
  }

  private async letGo(): Promise<void> {
    realTime.clearInterval(this.timer);
    await this.handle.close();
    await removeClaim(this.claim);
  }

  /** What fails here is found by the next one who asks. */
  private async beat(): Promise<void> {
    if (this.isBeating) return;
    this.isBeating = true;
    try {
      // Always another time, also if the clock stops or goes back.
      this.touched = Math.max(this.touched + 1, realNow());
      await this.handle.utimes(this.touched / 1000, this.touched / 1000);
      await this.confirm();
    } catch {
      // A claim that is gone beats no more.
      if (this.isLost) await this.release().catch(() => {});
    } finally {
      this.isBeating = false;
    }
  }

  private lost(): WaterMillError {
    this.isLost = true;
    const { file } = this.claim;
    return new WaterMillError(
      'WM_LOCK_LOST',
      `The lock of this process is gone: ${file}. It or its folder was deleted, or another process took over because this one had stalled for longer than 10 seconds. ` +
        'Nothing more is written. Run again when no other process uses these files.',
      { stream: file, expected: 'the lock of this process', found: 'none' },
    );
  }
}
