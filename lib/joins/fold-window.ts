import { madeHere } from '../base/loaded-copies.js';
import { showAs, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from '../expressions/class-name.js';
import type { FoldedWindow } from './folded-window.js';
import { knownOptions, refuseFurther } from './option-checks.js';
import type { JoinArgs } from './source-args.js';
import { isTree, type Tree } from './tree.js';
import { isWindow, type Window } from './windows/window.js';

type Windowed = Window<any, any, any> | Tree<any, any, Window<any, any, any>>;

/** The arguments of `add` for an element: the element and, over a tree, its groups. */
type ElementArgs<S> =
  S extends Tree<infer M, infer J, any>
    ? [element: M, ...groups: JoinArgs<M, J>]
    : S extends Window<infer M, any, any>
      ? [element: M]
      : never;

/** The value of `by` of a source's window; undefined if it has none. */
type ByOf<S> =
  S extends Tree<any, any, infer W>
    ? ByOf<W>
    : S extends Window<any, any, infer B>
      ? [B] extends [never]
        ? undefined
        : B
      : undefined;

/**
 * Folds the elements of each window into an accumulator: a call gets the accumulator instead of the array, and the mill
 * holds no elements. Over a join, `add` gets each surviving element with its groups. Sliding windows still hold their
 * elements, since an element that leaves a window cannot be removed from an accumulator: they fold again for each call.
 *
 * `initial` and `add` must be pure: after a restart the elements of open windows are folded again. `add` may change the
 * accumulator and return it; it always returns it. An element that goes into several accumulators is copied, so that no
 * two of them share it; the elements of its groups are shared, as between calls.
 *
 * Memory: one accumulator per open window, of each value of `by`.
 *
 * Throws `WM_WINDOW` for other arguments. A function that throws or returns a promise, or an `add` that returns
 * nothing, ends the run with `WM_FOLD_FAILED`.
 *
 * @example
 * foldWindow(tumblingWindow(Reading, field(Reading, 'at'), { size: MINUTE, by: field(Reading, 'sensor') }), {
 *   initial: (sensor) => ({ sensor, sum: 0, n: 0 }),
 *   add: (acc, reading) => ({ ...acc, sum: acc.sum + reading.value, n: acc.n + 1 }),
 * })
 */
export function foldWindow<S extends Windowed, A>(
  source: S,
  fold: {
    /** Returns a new accumulator for a window with this value of `by`. */
    readonly initial: (by: ByOf<S>) => A;
    /** Returns the accumulator with one more element. */
    readonly add: (accumulator: A, ...element: ElementArgs<S>) => NoInfer<A>;
  },
): FoldedWindow<A, S>;
export function foldWindow(source: unknown, fold: unknown, ...further: readonly unknown[]): FoldedWindow<unknown> {
  checkSource(source);
  const role = `foldWindow(${classNameOf(source.master)})`;
  const { initial, add } = knownOptions(fold, optionNames, role, 'WM_WINDOW');
  refuseFurther(further, optionNames, role, 'WM_WINDOW');
  const functions = { initial: checked(initial, 'initial', role), add: checked(add, 'add', role) };
  const made = madeHere(Object.freeze({ what: 'folded window', source, fold: Object.freeze(functions) }));
  return showAs(made, () => `a folded window over ${classNameOf(source.master)}`);
}

const optionNames = ['initial', 'add'] as const;

function checkSource(source: unknown): asserts source is Window<unknown> | Tree<any> {
  if (isWindow(source) || (isTree(source) && source.window !== undefined)) return;
  const found =
    typeof source === 'function'
      ? `the class ${source.name}`
      : isTree(source)
        ? 'a tree without a window'
        : shownValue(source);
  throw new WaterMillError(
    'WM_WINDOW',
    `foldWindow(): the first argument must be a window, or a tree whose master has one, not ${found}. Write ` +
      'foldWindow(tumblingWindow(…), { initial, add }), or foldWindow(joinStreams(tumblingWindow(…), …), { initial, add }).',
    { expected: 'a window, or a tree with a window', found },
  );
}

function checked(fn: unknown, name: string, role: string): (...args: any[]) => unknown {
  const isAsync = typeof fn === 'function' && fn.constructor.name === 'AsyncFunction';
  if (typeof fn === 'function' && !isAsync) return fn as (...args: any[]) => unknown;
  const found = isAsync ? 'an async function' : shownValue(fn);
  throw new WaterMillError(
    'WM_WINDOW',
    `${role}: ${name} must be a function that is not async, not ${found}. An element is folded at once: do async work in the process function.`,
    { field: name, expected: 'a function', found },
  );
}
