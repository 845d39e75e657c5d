import { randomBytes } from 'node:crypto';
import { WaterMillError } from '../../base/watermill-error.js';
import { printKey } from '../../expressions/key-text.js';
import { DataKey } from '../plan/data-key.js';

/** Saves the results of an open call. */
export type SaveCall = (results: unknown) => void;

/** The open calls of one run, by key. The calls of a lane that is over are forgotten: another run makes them again. */
export class OpenKeys {
  private madeRun: string | undefined;
  private made = 0;
  private readonly open = new Map<number, SaveCall>();
  private readonly forgotten = new Set<number>();

  /** Returns a key for a call whose results are passed to `save`. */
  add(save: SaveCall): DataKey {
    const number = this.made++;
    this.open.set(number, save);
    return new DataKey(`${this.run}-${number}`);
  }

  /** Closes a call that needs no results any more, because it failed. */
  close(key: DataKey): void {
    this.open.delete(this.numberOf(key.id));
  }

  /** Forgets a call whose lane is over. */
  forget(key: DataKey): void {
    const number = this.numberOf(key.id);
    if (this.open.delete(number)) this.forgotten.add(number);
  }

  /** Saves the results for a key, once. Returns false if the lane is over: the next run makes the call again. */
  save(key: unknown, results: unknown): boolean {
    const id = key instanceof DataKey ? key.id : key;
    if (typeof id !== 'string') {
      throw wrongKey(`expected the DataKey of a call, or its id, found ${printKey(key)}`, printKey(key));
    }
    const number = this.numberOf(id);
    if (this.forgotten.has(number)) return false;
    const save = this.open.get(number);
    if (save === undefined) throw this.notOpen(id, number);
    save(results);
    this.open.delete(number);
    return true;
  }

  /**
   * Distinguishes the keys of this run from those of other runs. Made on demand: few mills use keys, and random bytes
   * take time.
   */
  private get run(): string {
    this.madeRun ??= randomBytes(4).toString('hex');
    return this.madeRun;
  }

  private numberOf(id: string): number {
    return id.startsWith(`${this.run}-`) ? Number(id.slice(this.run.length + 1)) : Number.NaN;
  }

  private notOpen(id: string, number: number): WaterMillError {
    if (!(number >= 0 && number < this.made)) {
      return wrongKey(
        `${id} is not a key of this run. A key is valid within the run that made it: calls that an earlier run or another mill left open are made again, with new keys`,
        id,
      );
    }
    return new WaterMillError(
      'WM_SAVED_TWICE',
      `saveResults: the call of key ${id} is done: its results are saved already, or the function itself has failed. Save once per key, with all results in one array.`,
      { key: id },
    );
  }
}

function wrongKey(what: string, found: string): WaterMillError {
  return new WaterMillError('WM_DATA_KEY', `saveResults: ${what}.`, { expected: 'a DataKey of this run', found });
}
