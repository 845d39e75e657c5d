import type { Tree } from './tree.js';
import type { Window } from './windows/window.js';

/** The functions of a fold, as given by the user. */
export interface Fold {
  readonly initial: (by: any) => unknown;
  readonly add: (accumulator: any, ...element: any[]) => unknown;
}

/** A window, or a tree with one, whose calls get an accumulator instead of the elements. Made by `foldWindow()`. */
export interface FoldedWindow<out A, out S = unknown> {
  readonly what: 'folded window';
  readonly source: Window<unknown> | Tree<any>;
  readonly fold: Fold;
  /** Carries types only; never set. */
  readonly '~folded'?: readonly [accumulator: A, source: S];
}

export function isFoldedWindow(value: unknown): value is FoldedWindow<unknown> {
  return typeof value === 'object' && value !== null && (value as { what?: unknown }).what === 'folded window';
}
