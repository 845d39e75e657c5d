import type { WindowDescription } from '../../../joins/window.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';

/** A window in words: what it puts together, and when it is called. */
export function windowText(window: WindowDescription): string {
  return kindOf(window).text(window);
}

/** What a window holds in memory: a bound, or that there is none. */
export function windowMemory(window: WindowDescription): string {
  return kindOf(window).memory(window);
}

/** From where a restart reads the master. */
export function windowRestart(window: WindowDescription): string {
  return kindOf(window).restart(window);
}
