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
/**
 * A lock that was confirmed this recently is valid: a lock is taken over only after its owner was silent for twice as
 * long. Milliseconds.
 */
const leaseMs = 5_000;
const lookEveryMs = 20;
/** How long to wait for weaker contenders that neither withdraw nor take the lock. Milliseconds. */
const contendMs = 10_000;

export interface LockOptions extends WatchOptions {
  /** The error for a lock that another process holds: its owner, in words, and the file. */
  readonly inUse: (owner: string, file: string) => Error;
  /** How long to wait for a lock that another process holds. Milliseconds. Default: not at all. */
  readonly patienceMs?: number | undefined;
}

/**
 * A lock between any number of processes that share a directory. At most one process holds it at a time; of several
 * that request a free lock at once, exactly one gets it. It is free again when its owner is gone, for whatever reason.
 *
 * **How.** A process that wants the lock creates its own file next to the path, `<path>.<process>-<token>.lock`, a
 * claim, and then lists all claims. A process that sees no other live claim holds the lock, until it removes its own.
 * Of two that claim at once, the one that creates its file second sees the file of the first, so they never both hold
 * it. No name is used twice: removing a dead claim cannot remove a live one, and there is nothing to take over. A
 * process that sees a holder withdraws; of contenders that only see each other, all but the one with the lowest token
 * withdraw.
 *
 * **Who is dead** is known immediately if both processes share a boot and a PID namespace, and the kernel tells when
 * the other started (Linux). Otherwise (another container or host, an earlier boot, another system) an owner shows life
 * by touching its claim every second; it counts as dead when the requesting process saw no change for 10 seconds by its
 * own clock. Neither clocks nor host names are compared.
 *
 * **What it relies on.** Only one process can create a new file (`O_EXCL`), and a listing contains every file that
 * existed throughout: this holds for local file systems, and for network file systems unless configured otherwise. An
 * owner in *another* container that stalls for longer than 10 seconds (a frozen host, a blocking call) may lose its
 * lock: `guard` and `confirm` throw before it writes more.
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
   * Takes the lock of a path. Only its directory must exist.
   *
   * @throws The error of `inUse`; errors of the file system; an AbortError when the signal is aborted.
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

  /**
   * Removes the claims of dead owners. To take several locks, this is done for all at the same time: each unknown owner
   * is watched for 10 seconds.
   */
  static async removeDead(path: string, options: WatchOptions): Promise<void> {
    await new LockRivals(path, options).watch();
  }

  /** Returns the lock, or the owner that holds it. */
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

  /**
   * Returns a promise to wait for before a write, if the lock was not confirmed lately. It rejects if the lock is lost.
   */
  guard(): Promise<void> | undefined {
    return !this.isLost && systemClock.now() - this.confirmedAt < leaseMs ? undefined : this.confirm();
  }

  /** Resolves if this owner still holds the lock. */
  async confirm(): Promise<void> {
    const now = systemClock.now();
    // No other process creates a file of this name.
    if (this.isLost || (await ifExists(fs.stat(this.claim.file))) === undefined) throw this.lost();
    this.confirmedAt = now;
  }

  /** Releases the lock; no effect if it was released or lost already. */
  release(): Promise<void> {
    this.releasing ??= this.doRelease();
    return this.releasing;
  }

  private async hold(): Promise<FileLock> {
    await this.handle.writeFile(
      `process ${process.pid} on ${hostname()}\nsince ${new Date(realNow()).toISOString()}\n`,
    );
    return this;
  }

  private async doRelease(): Promise<void> {
    realTime.clearInterval(this.timer);
    try {
      await this.handle.close();
    } finally {
      await removeClaim(this.claim);
    }
  }

  /** Failures are found by the next `guard` or `confirm`. */
  private async beat(): Promise<void> {
    if (this.isBeating) return;
    this.isBeating = true;
    try {
      // Always a new time, even if the clock stops or goes back.
      this.touched = Math.max(this.touched + 1, realNow());
      await this.handle.utimes(this.touched / 1000, this.touched / 1000);
      await this.confirm();
    } catch {
      // The heartbeat ends when the claim is gone.
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
