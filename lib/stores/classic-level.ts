import { missingPackage } from '../base/missing-package.js';

/** The part of classic-level that is used: keys are bytes, values are texts. */
export interface LevelDatabase {
  open(options: object): Promise<void>;
  getSync(key: Uint8Array): string | undefined;
  batch(): LevelBatch;
  keys(range: { readonly gte: Uint8Array; readonly lt: Uint8Array }): {
    nextv(size: number): Promise<Uint8Array[]>;
    close(): Promise<void>;
  };
  iterator(range: { readonly gte: Uint8Array; readonly lt: Uint8Array }): {
    nextv(size: number): Promise<[Uint8Array, string][]>;
    close(): Promise<void>;
  };
  close(): Promise<void>;
}

/** Changes that are made atomically; cheaper than an array of them. */
export interface LevelBatch {
  put(key: Uint8Array, value: string): unknown;
  del(key: Uint8Array): unknown;
  write(options: { readonly sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

export const levelEncodings = { keyEncoding: 'view', valueEncoding: 'utf8' } as const;

/** Several threads of this process may open it: one reads ranges for another one that waits. */
export const levelOptions = { multithreading: true, cacheSize: 4 * 1_048_576, writeBufferSize: 4 * 1_048_576 } as const;

/** Loads the embedded store, an optional peer: only tables with `store: 'disk'` need it. */
export function loadClassicLevel(table: string): new (location: string, options: object) => LevelDatabase {
  try {
    return require('classic-level').ClassicLevel;
  } catch (cause) {
    throw missingPackage('classic-level', `The table ${table} with store: 'disk'`, 'WM_TABLE_STORE', cause, { table });
  }
}
