/** A part of a store in the order of its keys: from a key on, and below another one. */
export interface ScanRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse: boolean;
}

/** The request of one thread to another that reads for it. */
export type ScanRequest =
  | { readonly what: 'snapshot'; readonly location: string }
  | {
      readonly what: 'page';
      readonly location: string;
      /** Undefined: as the store is now. */
      readonly snapshot: number | undefined;
      readonly range: ScanRange;
      readonly limit: number;
    }
  | { readonly what: 'release'; readonly snapshot: number }
  | { readonly what: 'close'; readonly location: string };

/** Rows of a page, in order. */
export interface ScanPage {
  readonly values: readonly string[];
  /** The key of the last one. */
  readonly last: Uint8Array | undefined;
  /** Nothing comes after it in the range. */
  readonly isEnd: boolean;
}

export interface ScanAnswer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** What the thread that reads is given when it starts. */
export interface ScanThread {
  readonly port: import('node:worker_threads').MessagePort;
  /** How many requests were answered. */
  readonly answers: Int32Array;
}
