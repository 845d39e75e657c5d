import type { DataKey, WaterMill } from 'watermill';
import type { Random } from '../../support/random.js';

/** Saves results later, in a random order, a few at a time, like workers. */
export class LaterSaver {
  mill: WaterMill<any> | undefined;
  private waiting: (readonly [key: DataKey, results: object[]])[] = [];
  private isScheduled = false;

  constructor(private readonly random: Random) {}

  add(key: DataKey, results: object[]): void {
    this.waiting.push([key, results]);
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      for (let count = this.random.int(4); count > 0 && this.waiting.length > 0; count--) {
        const [[key, results]] = this.waiting.splice(this.random.int(this.waiting.length), 1) as [[DataKey, object[]]];
        this.mill?.saveResults(this.random.chance(0.5) ? key : key.id, results);
      }
      if (this.waiting.length > 0) this.schedule();
    });
  }
}
