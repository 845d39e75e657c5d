import type { Json } from '../../base/json.js';
import type { Key } from '../../expressions/key.js';
import { identityOf } from '../../expressions/key-identity.js';
import type { KeptChange, KeptTables, TableRequest } from '../kept-tables.js';

/** What a key has; it stays with its key, since a commit may change as many keys as it has calls. */
interface KeptRow {
  readonly key: Key;
  value: unknown;
}

type KeptTable = Map<unknown, KeptRow>;

/** The tables of one lane, by name, as its last commit left them. */
export class MemoryTables {
  private readonly kept = new Map<string, KeptTable>();
  /** Written, and not committed yet. */
  private written: (readonly [table: KeptTable, changes: readonly KeptChange[]])[] = [];

  /** Changes of a run that crashed are forgotten; all of them if the lane starts over. */
  open(tables: readonly TableRequest[], isNew: boolean): KeptTables {
    this.written = [];
    if (isNew) this.kept.clear();
    const maps = tables.map(({ name }) => this.tableOf(name));
    return {
      keeps: 'elements',
      read: async (table, take, left) => {
        left?.(maps[table]!.size);
        for (const change of maps[table]!.values()) await take(change);
      },
      write: (table, changes) => void this.written.push([maps[table]!, changes]),
      flush: async (): Promise<Json> => [],
      close: async () => {},
    };
  }

  commit(): void {
    for (const [table, changes] of this.written) apply(table, changes);
    this.written = [];
  }

  private tableOf(name: string): KeptTable {
    let table = this.kept.get(name);
    if (table === undefined) {
      table = new Map();
      this.kept.set(name, table);
    }
    return table;
  }
}

function apply(table: KeptTable, changes: readonly KeptChange[]): void {
  for (let i = 0; i < changes.length; i++) {
    const { key, value } = changes[i] as KeptChange;
    const id = identityOf(key);
    if (value === undefined) {
      table.delete(id);
      continue;
    }
    const kept = table.get(id);
    if (kept === undefined) table.set(id, { key, value });
    else kept.value = value;
  }
}
