import type { Class, MessageClass } from '../../base/class.js';
import type { LaneName, OutputRequest } from '../broker.js';
import { MemoryTables } from './memory-tables.js';
import { WrittenList } from './written-list.js';

/** The results of one class. */
export interface MemoryOutput {
  readonly message: Class;
  readonly elements: WrittenList;
  ended: boolean;
}

/** The results and commits of one mill in a broker, across its runs. */
export class MemoryProgress {
  committed: string | undefined;
  readonly tables = new MemoryTables();
  private readonly byLane = new Map<LaneName, readonly MemoryOutput[]>();

  constructor(private readonly requests: readonly OutputRequest[]) {}

  /** The results of a lane, one list per class. */
  outputsOf(lane: LaneName): readonly MemoryOutput[] {
    let outputs = this.byLane.get(lane);
    if (outputs === undefined) {
      outputs = this.requests.map(({ message, entry }) => ({
        message,
        // What a serializer would make of them is not known.
        elements: new WrittenList(message as MessageClass<any>, entry.codec?.serializer === undefined),
        ended: false,
      }));
      this.byLane.set(lane, outputs);
    }
    return outputs;
  }

  /** All outputs, lane by lane. */
  get outputs(): readonly MemoryOutput[] {
    const lanes = [...this.byLane].sort(([a], [b]) => Number(a) - Number(b));
    return lanes.flatMap(([, outputs]) => outputs);
  }
}
