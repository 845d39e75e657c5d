import { kindOf } from '../../../joins/windows/window-kinds.js';
import type { Plan } from '../plan.js';

/** The description of a window, and of its fold. */
export type Windowed = Pick<Plan, 'window' | 'fold'>;

/** A window in words: its elements, and when it is called. */
export function windowText({ window, fold }: Windowed): string {
  if (window === undefined) return '';
  const text = `${fold === undefined ? '' : 'folded, '}${kindOf(window).text(window)}`;
  return window.by === undefined ? text : `for each value of ${window.by}: ${text}`;
}

/** Describes the elements that a window holds in memory: a limit, or that there is none. */
export function windowMemory({ window, fold }: Windowed): string {
  if (window === undefined) return '';
  const { memory, foldsAgain } = kindOf(window);
  if (fold !== undefined && !foldsAgain) {
    const values = window.by === undefined ? '' : ` of each value of ${window.by}`;
    return `an accumulator for each open window${values}, and no elements`;
  }
  const held = memory(window);
  const folds = fold === undefined ? '' : '; they are folded again for each call';
  return `${window.by === undefined ? '' : `for each value of ${window.by} with an open window: `}${held}${folds}`;
}

/** Describes where a restart reads the master from. */
export function windowRestart({ window, fold }: Windowed): string {
  if (window === undefined) return '';
  const { restart, hasMarks } = kindOf(window);
  const isSplit = window.by !== undefined;
  const values = isSplit ? ', of all values: a rare value whose window stays open holds it back' : '';
  const marks =
    hasMarks(window) && (isSplit || fold !== undefined)
      ? '; a commit holds a position for each value with an open window'
      : '';
  return `${restart(window)}${values}${marks}`;
}
