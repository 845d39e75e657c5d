import type { ReplayPoint } from '../../resume/replay-point.js';
import type { Run } from '../windows/run.js';
import type { OldestElement } from '../windows/windows.js';

/** The first element that must come again after a restart. `key` is the window's key, if it is known. */
export type FirstElement = Pick<OldestElement, 'position' | 'key' | 'orderKey'>;

/** The single stream of a lane in the order in which its elements are taken, as runs of consecutive elements. */
export interface Runs {
  /** Why the last `read` stopped: the next element is late or out of order, and the lane answers that first. */
  readonly trouble: 'late' | 'violation' | undefined;
  /** Fills `run` with the next elements; false if none are available, or if there is trouble. */
  read(run: Run): boolean;
  /** Marks the elements of the run before its next one as taken. */
  pass(run: Run): void;
  /** How many elements of the stream are taken with those of the run before this index. */
  takenTo(index: number): number;
  /** The lowest window key that can follow the last run; undefined if the run itself already tells. */
  readonly frontier: any;
  /**
   * The point to read from so that this element and all after it come again; without an element, all that are not
   * taken.
   */
  replayPoint(run: Run, first: FirstElement | undefined): ReplayPoint;
}
