import type { Json } from '../../base/json.js';
import { identityOf } from '../../expressions/key-identity.js';
import type { KeptChange, KeptTables, TableRequest } from '../kept-tables.js';

type KeptTable = Map<unknown, KeptChange>;

/** The tables of one lane, by name, as its last commit left them. */
export class MemoryTables {
  private readonly kept = new Map<string, KeptTable>();
  /** Written, and not committed yet. */
  private written: (readonly [table: KeptTable, changes: readonly KeptChange[]])[] = [];

  /** What was written by a run that died is forgotten; all of it where the lane starts over. */
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
    for (const [table, changes] of this.written) for (const change of changes) apply(table, change);
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

function apply(table: KeptTable, change: KeptChange): void {
  const id = identityOf(change.key);
  if (change.value === undefined) table.delete(id);
  else table.set(id, change);
}
