import type { ReplayPoint } from '../../resume/replay-point.js';
import type { Run } from '../windows/run.js';
import type { OldestElement } from '../windows/windows.js';

/** The first element that must come again after a restart: `key` is the window's, where it is known. */
export type FirstElement = Pick<OldestElement, 'position' | 'key' | 'orderKey'>;

/** The one stream of a lane, in the order in which it is taken: runs of consecutive elements. */
export interface Runs {
  /** What stopped the last `read`: the next element is not taken in order, and that is answered first. */
  readonly trouble: 'late' | 'violation' | undefined;
  /** Makes a run of what comes next; false if nothing is available, or where there is trouble. */
  read(run: Run): boolean;
  /** The elements of the run before its next one are taken. */
  pass(run: Run): void;
  /** The lowest window key that can come after the last run; undefined if that says no more than the run itself. */
  readonly frontier: any;
  /** What to remember so that this element, and all after it, come again; without one all that is not taken. */
  replayPoint(run: Run, first: FirstElement | undefined): ReplayPoint;
}
