import type { FoundFile } from './found-file.js';

interface Look {
  readonly size: number;
  readonly mtimeNs: string;
  readonly since: number;
}

/**
 * Finds the files that have stopped changing, by comparing scans. A time stamp is only compared with an earlier one of
 * the same file.
 */
export class Settling {
  private looks = new Map<string, Look>();
  /** The time when the next file may have settled, by the mill's clock; undefined if none is waited for. */
  nextAt: number | undefined;

  constructor(private readonly settleMs: number) {}

  /** Returns the files that have not changed for `settleMs`. `now`: by the mill's clock. */
  settled(files: readonly FoundFile[], now: number): readonly FoundFile[] {
    if (this.settleMs === 0) return files;
    const looks = new Map<string, Look>();
    let nextAt = Number.POSITIVE_INFINITY;
    const settled = files.filter(({ name, size, mtimeNs }) => {
      const before = this.looks.get(name);
      const look = before?.size === size && before.mtimeNs === mtimeNs ? before : { size, mtimeNs, since: now };
      looks.set(name, look);
      const at = look.since + this.settleMs;
      if (at > now) nextAt = Math.min(nextAt, at);
      return at <= now;
    });
    this.looks = looks;
    this.nextAt = Number.isFinite(nextAt) ? nextAt : undefined;
    return settled;
  }
}
