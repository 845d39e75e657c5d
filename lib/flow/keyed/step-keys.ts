import type { Key } from '../../expressions/key.js';
import { TableKeys } from '../../tables/table-keys.js';

/**
 * The keys of a step that holds its values in a Map. As in a table, they must be of one type: keys of several types may
 * have the same identity.
 */
export class StepKeys {
  private keys: TableKeys;

  constructor(private readonly step: string) {
    this.keys = new TableKeys(step, undefined);
  }

  /** The identity of a key in a Map. The first key sets the type; throws `WM_TABLE_KEY` for one of another type. */
  idOf(key: unknown): unknown {
    const { keys } = this;
    const id = keys.idOf(key, 'the key of a step');
    if (!keys.isSettled) keys.kept(key as Key);
    return id;
  }

  /** Starts over, since a call was undone that may have set the type. `keys`: those that the step still holds. */
  reset(keys: readonly unknown[]): void {
    this.keys = new TableKeys(this.step, undefined);
    if (keys.length > 0) this.idOf(keys[0]);
  }
}
