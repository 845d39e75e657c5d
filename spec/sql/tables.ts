import type { Database } from 'sql.js';
import { type Data, type Element, nodesOf, type TestNode } from '../oracle/tree.js';

/** Creates one table per node: the position of each element, and its keys. */
export function fillTables(database: Database, root: TestNode, data: Data): void {
  for (const { name } of nodesOf(root)) {
    database.run(`DROP TABLE IF EXISTS ${name}`);
    database.run(`CREATE TABLE ${name} (position INTEGER, k INTEGER, j INTEGER, a INTEGER)`);
    for (const [position, element] of (data[name] as Element[]).entries()) {
      const { k, j, a } = element;
      database.run(`INSERT INTO ${name} VALUES (?, ?, ?, ?)`, [position, k, j ?? null, a ?? null]);
    }
  }
}

export function rowsOf(database: Database, sql: string): unknown[][] {
  return database.exec(sql)[0]?.values ?? [];
}
