import type { ReplayPoint } from '../../resume/replay-point.js';
import type { Run } from '../windows/run.js';
import type { NodeInput } from './node-input.js';
import type { FirstElement, Runs } from './runs.js';

/**
 * The number of keys read at once: few enough that the elements are still in the processor's cache when windows take
 * them.
 */
const atOnce = 256;

/** The runs of a stream that is in order: its batches as they arrive. */
export class OrderedRuns implements Runs {
  trouble: 'violation' | undefined = undefined;
  readonly frontier = undefined;
  /** How many elements were taken before the run. */
  private takenBefore = 0;

  constructor(private readonly node: NodeInput) {}

  /** Reads the keys of the current batch, as many at once as possible. */
  read(run: Run): boolean {
    const { inbox, keys } = this.node;
    run.clear();
    if (inbox.isEmpty) return false;
    const { elements, index, end } = inbox;
    const { first, positions } = inbox.batch;
    run.begin(elements, index, first, positions);
    this.takenBefore = inbox.taken;
    run.end = keys.readRun(elements, index, Math.min(end, index + atOnce), run.keys, run.values) - index;
    return run.end > 0 || this.readOne(run);
  }

  /** Reads the key of the next element on its own. */
  private readOne(run: Run): boolean {
    const { node } = this;
    const { element, position } = node.inbox;
    const bad = node.keys.take(element, position);
    if (bad !== undefined) {
      node.turnAway(bad, element, position);
      this.trouble = 'violation';
      return false;
    }
    run.keys[0] = node.keys.windowKey;
    if (node.keys.windowBy !== undefined) run.values[0] = node.keys.windowBy.current;
    run.end = 1;
    return true;
  }

  pass(run: Run): void {
    this.node.inbox.passTo(run.start + run.at);
  }

  takenTo(index: number): number {
    return this.takenBefore + index;
  }

  replayPoint(run: Run, first: FirstElement | undefined): ReplayPoint {
    const { inbox, keys, index } = this.node;
    const from = first === undefined ? inbox.unread : first.position;
    const next = run.at < run.end ? run.keys[run.at] : keys.window?.high;
    const ordered = first === undefined ? next : first.key;
    const high = keys.remembered.map((track) => (track === keys.window ? ordered : track.domain.first));
    return { node: index, from, high, after: undefined };
  }
}
