import type { Borders } from '../borders.js';
import type { WindowsGiven } from '../windows.js';
import { WindowsTogether } from './windows-together.js';

/** Windows [start, end) that do not overlap, with the same borders for all values. */
export class TumblingByValue extends WindowsTogether {
  protected startKey: any = Number.NaN;
  protected endKey: any = Number.NaN;

  constructor(
    given: WindowsGiven,
    /** Finds the window of a key, or the next one. */
    private readonly around: (key: any) => Borders,
  ) {
    super(given);
  }

  protected isOver(key: any): boolean {
    return this.endKey <= key;
  }

  protected begin(key: any): boolean {
    if (!(key < this.endKey)) {
      const { start, end } = this.around(key);
      this.startKey = start;
      this.endKey = end;
    }
    return this.startKey <= key;
  }
}
