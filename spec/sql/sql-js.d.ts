/** The few parts of sql.js that the tests use. */
declare module 'sql.js' {
  export interface Database {
    run(sql: string, params?: readonly unknown[]): void;
    exec(sql: string): { columns: string[]; values: unknown[][] }[];
    close(): void;
  }
  export default function initSqlJs(): Promise<{ Database: new () => Database }>;
}
