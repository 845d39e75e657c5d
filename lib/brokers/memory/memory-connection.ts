import { closeAll, inTurn } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import type { BrokerLane, Connection, LaneName, LaneWriter, StreamReader } from '../broker.js';
import type { BackPressure } from './back-pressure.js';
import type { MemoryProgress } from './memory-progress.js';
import type { MemoryStream } from './memory-stream.js';
import { MemoryWriter } from './memory-writer.js';

/** One run in memory. It has one lane, which continues from the last commit of an earlier run of the same mill. */
export class MemoryConnection implements Connection {
  private readonly readers = new Set<StreamReader>();
  private closed = false;

  constructor(
    private readonly inputs: readonly MemoryStream[],
    private readonly progress: MemoryProgress,
    private readonly pressure: BackPressure,
    private readonly ended: () => void,
  ) {
    pressure.runBegins();
  }

  lanes(): Iterable<BrokerLane> {
    const lane: BrokerLane = {
      name: '0',
      committed: this.progress.committed,
      openReader: async (input, mark) => {
        const reader = this.inputs[input]!.openReader((mark as number | undefined) ?? 0);
        this.readers.add(reader);
        return reader;
      },
      restart: async () => {
        this.progress.committed = undefined;
      },
      openTables: async (tables, mark) => this.progress.tables.open(tables, mark === undefined),
      commit: async (text) => {
        this.progress.committed = text;
        this.progress.tables.commit();
      },
    };
    return [lane];
  }

  async openWriter(lane: LaneName, mark: Json | undefined): Promise<LaneWriter> {
    return new MemoryWriter(this.progress.outputsOf(lane), mark);
  }

  async close(): Promise<void> {
    if (!this.closed) this.pressure.runEnds();
    this.closed = true;
    // Whatever an iterator of the user throws when it is closed.
    await inTurn(() => closeAll(this.readers), this.ended);
  }
}
