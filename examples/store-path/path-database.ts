import initSqlJs, { type Database } from 'sql.js';

/** A connection to an embedded SQLite database, as a class, so that it can be injected by type. */
export class PathDatabase {
  constructor(private readonly database: Database) {}

  static async open(): Promise<PathDatabase> {
    const { Database } = await initSqlJs();
    const database = new Database();
    database.run('CREATE TABLE path (time REAL PRIMARY KEY, x REAL NOT NULL, y REAL NOT NULL)');
    return new PathDatabase(database);
  }

  /** Saving the same time again changes nothing: after a crash a mill may repeat calls that it has not committed. */
  save(time: number, x: number, y: number): void {
    this.database.run('INSERT OR REPLACE INTO path VALUES (?, ?, ?)', [time, x, y]);
  }

  query(sql: string): readonly unknown[][] {
    return this.database.exec(sql)[0]?.values ?? [];
  }

  close(): void {
    this.database.close();
  }
}
