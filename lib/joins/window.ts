import type { Class } from '../base/class.js';
import type { Expression } from '../expressions/expression.js';
import type { KeyDistance } from './matching/matching.js';

/** A window over the master, as its maker described it. `key` says which parts go together. */
export type WindowDescription =
  | { readonly type: 'expression'; readonly key: Expression<any, any>; readonly onTimeout: (() => unknown) | undefined }
  | {
      readonly type: 'hopping';
      readonly key: Expression<any, any>;
      readonly size: KeyDistance;
      readonly every: KeyDistance;
      readonly offset: KeyDistance;
    }
  | { readonly type: 'sliding'; readonly key: Expression<any, any>; readonly size: KeyDistance }
  | { readonly type: 'session'; readonly key: Expression<any, any>; readonly gap: KeyDistance }
  | { readonly type: 'count'; readonly size: number; readonly every: number }
  | { readonly type: 'batch'; readonly size: number; readonly timeoutMs: number };

/**
 * A master seen in windows: the process function gets arrays of its elements. Made by `window()`, `tumblingWindow()`
 * and the others; it stands for the master in `joinStreams()`, or for the whole source where there is no join. `K` is the
 * type of its borders; never, where it has none.
 */
export interface Window<out M, out K = unknown> {
  readonly what: 'window';
  readonly master: Class<M>;
  readonly description: WindowDescription;
  /** Carries types only; never set. */
  readonly '~borders'?: K;
}

/** Keys that lie on a line, with a distance between any two. */
export type OrderedKey = number | bigint | Date;

export function isWindow(value: unknown): value is Window<unknown> {
  return typeof value === 'object' && value !== null && (value as { what?: unknown }).what === 'window';
}
