import { randomBytes } from 'node:crypto';
import { WaterMillError } from '../../../base/watermill-error.js';
import { printKey } from '../../../expressions/key-text.js';
import { DataKey } from '../../plan/data-key.js';

/** Takes the results of an open call. */
export type SaveCall = (results: unknown) => void;

/** The open calls of one run, by their keys. A lane that is over forgets its calls: another run makes them again. */
export class OpenKeys {
  private madeRun: string | undefined;
  private made = 0;
  private readonly open = new Map<number, SaveCall>();
  private readonly forgotten = new Set<number>();

  /** A key for a call of which `save` takes the results. */
  add(save: SaveCall): DataKey {
    const number = this.made++;
    this.open.set(number, save);
    return new DataKey(`${this.run}-${number}`);
  }

  /** The call needs no results any more: it has failed. */
  close(key: DataKey): void {
    this.open.delete(this.numberOf(key.id));
  }

  /** The lane of this call is over. */
  forget(key: DataKey): void {
    const number = this.numberOf(key.id);
    if (this.open.delete(number)) this.forgotten.add(number);
  }

  /** Saves results, once per key. False: the lane is over, and the call is made again by the run that continues. */
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

  /** Tells the keys of this run from those of any other. Few mills ask for keys, and random bytes take time. */
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
        `${id} is not a key of this run. Keys hold within the run that gave them: what an earlier run or another mill left open is given again, with a new key`,
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
