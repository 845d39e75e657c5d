/** A part of a store in the order of its keys: from a key on, and below another one. */
export interface ScanRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse: boolean;
}

/** A request to the reading thread. */
export type ScanRequest =
  | { readonly what: 'snapshot'; readonly location: string }
  | {
      readonly what: 'page';
      readonly location: string;
      /** Undefined for the current contents. */
      readonly snapshot: number | undefined;
      readonly range: ScanRange;
      readonly limit: number;
    }
  | { readonly what: 'release'; readonly snapshot: number }
  | { readonly what: 'close'; readonly location: string };

/** The rows of a page, in order. */
export interface ScanPage {
  readonly values: readonly string[];
  /** The key of the last row. */
  readonly last: Uint8Array | undefined;
  /** There are no more rows in the range. */
  readonly isEnd: boolean;
}

export interface ScanAnswer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** The data that the reading thread gets when it starts. */
export interface ScanThread {
  readonly port: import('node:worker_threads').MessagePort;
  /** The number of requests answered. */
  readonly answers: Int32Array;
}
