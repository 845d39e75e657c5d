import type { Expression } from '../expressions/expression.js';

/** A window over the master, as its maker described it. `key` says which parts go together. */
export type WindowDescription =
  | { readonly type: 'expression'; readonly key: Expression<any, any>; readonly onTimeout: (() => unknown) | undefined }
  | {
      readonly type: 'hopping';
      readonly key: Expression<any, any>;
      readonly size: number | bigint;
      readonly every: number | bigint;
      readonly offset: number | bigint;
    }
  | { readonly type: 'sliding'; readonly key: Expression<any, any>; readonly size: number | bigint }
  | { readonly type: 'session'; readonly key: Expression<any, any>; readonly gap: number | bigint }
  | { readonly type: 'count'; readonly size: number; readonly every: number }
  | { readonly type: 'batch'; readonly size: number; readonly timeoutMs: number };
