import { keyToJson } from '../../../expressions/key-json.js';
import type { LaneEnd, LaneVector, NodeVector } from '../../resume/lane-vector.js';
import type { LaneNode } from '../nodes/lane-tree.js';
import { type FlatChild, firstsOf } from './flat-child.js';
import type { KeyColumn } from './key-column.js';
import type { KeyedInput } from './keyed-input.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/** A mark is set once in this many runs: it costs time, and is rarely needed within a run. */
const runsPerMark = 16;

/**
 * The point in all streams from which a flat lane restarts: that before the run in progress, or before an earlier one.
 * An earlier point suffices, since a restart skips the calls that were made after it.
 */
export class RestartMark {
  /** The position of the master. */
  private from = 0;
  /** The highest keys of the master before that position, by column. */
  private readonly high: any[] = [];
  private runs = runsPerMark - 1;

  constructor(
    private readonly master: LaneNode,
    private readonly input: KeyedInput,
    /** The master's key for each child. */
    private readonly columns: readonly KeyColumn[],
    private readonly children: readonly FlatChild[],
  ) {}

  /** Whether it is time to set the mark. Asked once before each run. */
  isDue(): boolean {
    return ++this.runs === runsPerMark;
  }

  /** Sets the mark here: no run is in progress. `current`: the position of the current master element. */
  set(current: number | undefined): void {
    const { input, children } = this;
    this.runs = 0;
    this.from = current ?? input.inbox.unread;
    for (let i = 0; i < input.columns.length; i++) this.high[i] = input.high(input.columns[i] as KeyColumn);
    // The key of the last master element is the lowest one that can still need a group: another may have it, too, also
    // one that is appended after the end.
    for (let i = 0; i < children.length; i++) {
      (children[i] as FlatChild).setMark(input.high(this.columns[i] as KeyColumn));
    }
  }

  /** Elements of a node below this position are not read again. */
  passedBelow(node: number): number {
    return node === 0 ? this.from : (this.children[node - 1] as FlatChild).markFrom;
  }

  /** `lastDone`: the position of the last call that was made. */
  vector(lastDone: number, ended: LaneEnd | undefined): LaneVector {
    return {
      nodes: [this.masterVector(), ...this.children.map((child) => child.vector())],
      done: {
        cursor: [[keyToJson(LOWEST), this.from - 1], -1, [keyToJson(LOWEST), -1]],
        window: [keyToJson(LOWEST), lastDone],
      },
      ...(ended && { ended }),
    };
  }

  private masterVector(): NodeVector {
    // The element's own keys stand for the highest ones before it: the checks have the same outcome.
    const high = this.input.columns.map(({ track }, i) => keyToJson(track.show(this.high[i]) as any));
    return { from: this.from, high: [...high, ...firstsOf(this.master)] };
  }
}
