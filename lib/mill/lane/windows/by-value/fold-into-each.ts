import type { LaneFold } from '../../lane-spec.js';
import type { Run } from '../run.js';
import type { WindowsGiven } from '../windows.js';
import type { ValueWindow } from './value-window.js';

/**
 * Folds an element into several accumulators. A fold may keep and change the element, so all but the last get a copy.
 */
export function foldIntoEach(windows: readonly ValueWindow[], run: Run, at: number, given: WindowsGiven): void {
  const element = run.elementAt(at);
  for (let i = 0; i < windows.length; i++) {
    const own = i === windows.length - 1 ? element : (given.fold as LaneFold).copy(element);
    (windows[i] as ValueWindow).add(run, at, own, given);
  }
}
