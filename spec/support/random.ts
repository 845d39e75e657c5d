/** Random numbers that a seed repeats (mulberry32). */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 (included) to 1 (excluded). */
  float(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.float() * below);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)] as T;
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }
}
