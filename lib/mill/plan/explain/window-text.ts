import type { WindowDescription } from '../../../joins/window.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';

/** A window in words: what it puts together, and when it is called. */
export function windowText(window: WindowDescription): string {
  const text = kindOf(window).text(window);
  return window.by === undefined ? text : `for each value of ${window.by}: ${text}`;
}

/** What a window holds in memory: a bound, or that there is none. */
export function windowMemory(window: WindowDescription): string {
  const memory = kindOf(window).memory(window);
  return window.by === undefined ? memory : `for each value of ${window.by} with an open window: ${memory}`;
}

/** From where a restart reads the master. */
export function windowRestart(window: WindowDescription): string {
  const restart = kindOf(window).restart(window);
  if (window.by === undefined) return restart;
  const marks = kindOf(window).hasMarks(window) ? '; a commit holds a position for each value with an open window' : '';
  return `${restart}, of all values: a rare value whose window stays open holds it back${marks}`;
}
