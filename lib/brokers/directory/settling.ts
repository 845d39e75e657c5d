import type { FoundFile } from './found-file.js';

interface Look {
  readonly size: number;
  readonly mtimeNs: string;
  readonly since: number;
}

/** Tells by repeated looks which files have stopped changing. Time stamps are compared with themselves only. */
export class Settling {
  private looks = new Map<string, Look>();
  /** When the next file may be settled, by the mill's clock; undefined if none is waited for. */
  nextAt: number | undefined;

  constructor(private readonly settleMs: number) {}

  /** The files that have not changed for this long. `now`: by the mill's clock. */
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
