import type { Json } from '../../base/json.js';
import type { Key } from '../../expressions/key.js';
import { identityOf } from '../../expressions/key-identity.js';
import type { KeptChange, KeptTables, TableRequest, WholeTable } from '../kept-tables.js';

/** The tables of one lane, by name, as of its last commit: the tables themselves, or copies of those on disk. */
export class MemoryTables {
  private readonly kept = new Map<string, WholeTable>();
  /** The actions of the next commit. */
  private pending: (() => void)[] = [];

  /** Opens the tables. Changes of a run that crashed are dropped; all of them if the lane starts over. */
  open(tables: readonly TableRequest[], isNew: boolean): KeptTables {
    this.pending = [];
    if (isNew) this.kept.clear();
    const names = tables.map(({ name }) => name);
    return {
      keeps: 'elements',
      read: async (table, take, left) => {
        const kept = this.kept.get(names[table]!);
        left?.(kept?.size ?? 0);
        for (const change of kept?.changes() ?? []) await take(change);
      },
      write: (table, changes) => void this.pending.push(() => this.copyOf(names[table]!).apply(changes)),
      hold: (table, committed, settle) =>
        void this.pending.push(() => {
          settle();
          this.kept.set(names[table]!, committed);
        }),
      flush: async (): Promise<Json> => [],
      close: async () => {},
    };
  }

  commit(): void {
    for (const work of this.pending) work();
    this.pending = [];
  }

  /** Returns a copy of a table of an earlier run; copies it now if it is held. */
  private copyOf(name: string): CopiedTable {
    const kept = this.kept.get(name);
    if (kept instanceof CopiedTable) return kept;
    const copy = new CopiedTable();
    for (const change of kept?.changes() ?? []) copy.apply([change]);
    this.kept.set(name, copy);
    return copy;
  }
}

/** The value of a key, kept together with the key, since a commit may change as many keys as it has calls. */
interface KeptRow {
  readonly key: Key;
  value: unknown;
}

class CopiedTable implements WholeTable {
  private readonly rows = new Map<unknown, KeptRow>();

  get size(): number {
    return this.rows.size;
  }

  changes(): Iterable<KeptChange> {
    return this.rows.values();
  }

  apply(changes: readonly KeptChange[]): void {
    for (let i = 0; i < changes.length; i++) {
      const { key, value } = changes[i] as KeptChange;
      const id = identityOf(key);
      if (value === undefined) {
        this.rows.delete(id);
        continue;
      }
      const row = this.rows.get(id);
      if (row === undefined) this.rows.set(id, { key, value });
      else row.value = value;
    }
  }
}
