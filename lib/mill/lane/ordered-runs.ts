import type { KeyTrack } from './key-track.js';
import type { LaneNode } from './lane-tree.js';
import type { Need } from './row.js';
import type { NeededElement, Runs } from './runs.js';
import type { Run } from './windows/run.js';

/** A stream that is in order: its batches as they come. */
export class OrderedRuns implements Runs {
  trouble: 'violation' | undefined = undefined;
  readonly frontier = undefined;

  constructor(private readonly node: LaneNode) {}

  /** Reads keys of the batch at hand, as many as it can at once. */
  read(run: Run): boolean {
    const { inbox, keys } = this.node;
    run.clear();
    if (inbox.isEmpty) return false;
    const { elements, first, positions } = inbox.batch;
    run.begin(elements, inbox.index, first, positions);
    run.end = keys.readRun(elements, run.at, run.keys);
    return run.end > run.at || this.readOne(run);
  }

  /** Reads the key of the next element, whatever it is. */
  private readOne(run: Run): boolean {
    const { node } = this;
    const { element, position } = node.inbox;
    if (!node.takeKeys(element, position)) {
      node.turnAway(node.badTrack as KeyTrack, element, position);
      this.trouble = 'violation';
      return false;
    }
    run.keys[run.at] = node.keys.windowKey;
    run.end++;
    return true;
  }

  pass(run: Run): void {
    this.node.inbox.passTo(run.at);
  }

  need(run: Run, first: NeededElement | undefined): Need {
    const { inbox, keys, index } = this.node;
    const from = first === undefined ? inbox.unread : first.position;
    const next = run.at < run.end ? run.keys[run.at] : keys.window?.high;
    const high = keys.window === undefined ? [] : [first === undefined ? next : first.key];
    return { node: index, from, high, after: undefined };
  }
}
