import type { Class } from '../../base/class.js';
import { realTime } from '../../base/real-time.js';
import { thrownText } from '../../base/thrown.js';
import { type Batch, UnreadableMessage } from '../../brokers/batch.js';
import type {
  Broker,
  BrokerAbilities,
  BrokerLane,
  Connection,
  ConnectRequest,
  LaneName,
  StreamEntry,
  StreamReader,
} from '../../brokers/broker.js';
import { MemoryTables } from '../../brokers/memory/memory-tables.js';
import { isMessageClass, schemaOf } from '../../messages/index.js';
import { type Trial, trialKey } from '../../mill/driver/trial.js';
import { ManualClock } from '../manual-clock.js';
import { ExploredCalls } from './explored-calls.js';
import type { ExploredInputs } from './explored-inputs.js';
import { ExploredWriter, type Written } from './explored-writer.js';
import type { Schedule } from './schedule.js';
import { seeded } from './seeded.js';
import { Troubles } from './troubles.js';

/** Each takes real time. */
const mostRests = 32;

/** Values that are about to arrive. */
interface Arrival {
  readonly stream: number;
  deliver(): void;
}

/**
 * Feeds the inputs by a schedule, and keeps the commits for consecutive mills. Results of a mill without a commit are
 * rolled back when the next one starts, as for files.
 */
export class ExploredBroker implements Broker {
  readonly name = 'explore';
  readonly abilities: BrokerAbilities = Object.freeze({
    remembers: true,
    rereads: true,
    transactions: false,
    writesAnyClass: true,
    rollsBack: true,
    tables: true,
    partitionsByKey: true,
  });
  readonly time = new ManualClock();
  readonly calls: ExploredCalls;
  readonly troubles: Troubles;
  readonly [trialKey]: Trial;
  /** The classes that a mill asked for, by their own names. */
  readonly asked = new Map<string, string>();
  /** The mill has results that go elsewhere. */
  writesElsewhere = false;
  private readonly commits = new Map<LaneName, string>();
  private readonly written = new Map<LaneName, Written>();
  private readonly tables = new Map<LaneName, MemoryTables>();
  private readonly numbers: () => number;
  private readonly arrivals: Arrival[] = [];
  private rests = 0;
  private steps = 0;
  private isArriving = false;
  private isPausing = false;

  constructor(
    private readonly inputs: ExploredInputs,
    private readonly schedule: Schedule,
    looksBack = false,
  ) {
    const { commitEvery: elements, freeze, arrival } = schedule;
    const { time } = this;
    this.numbers = seeded(arrival ?? 0);
    this.troubles = new Troubles(schedule);
    this.calls = new ExploredCalls(this.troubles, looksBack);
    this[trialKey] = {
      clock: time,
      // Commits by time happen only where a schedule lets time pass.
      commitEvery: { elements: elements ?? Number.MAX_SAFE_INTEGER, ms: Number.MAX_SAFE_INTEGER },
      freeze,
      bound: (process, plan) => {
        // A mill that declares that it depends on the clock may have other results when time passes.
        this.isPausing = schedule.pauseMs > 0 && plan.clockUses.length === 0;
        this.writesElsewhere = plan.outputs.some(({ broker }) => broker !== this);
        return this.calls.observed(process, plan);
      },
    };
  }

  streamOf(message: Class): StreamEntry | undefined {
    const name = isMessageClass(message) ? schemaOf(message).name : message.name;
    this.asked.set(message.name, name);
    if (!this.inputs.streams.has(name)) return undefined;
    return { label: name, id: `input ${name}`, outputId: `output ${name}` };
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    return {
      laneCount: this.inputs.lanes.length,
      lanes: () => this.inputs.lanes.map((name) => this.lane(name, request)),
      openWriter: async (lane, mark) => {
        const writer = new ExploredWriter(request.outputs, mark, this.written.get(lane), this.troubles, this.calls);
        this.written.set(lane, writer.written);
        return writer;
      },
      close: async () => {},
    };
  }

  /** Increases with everything that a mill does. */
  get activity(): number {
    return this.steps + this.calls.turns;
  }

  /** The lines of every output, lane by lane, by the names of their classes. */
  results(): Map<string, string[]> {
    const all = new Map<string, string[]>();
    for (const lane of this.inputs.lanes)
      for (const [name, lines] of this.written.get(lane) ?? []) all.set(name, [...(all.get(name) ?? []), ...lines]);
    return all;
  }

  private lane(name: LaneName, { inputs }: ConnectRequest): BrokerLane {
    const label = this.inputs.lanes.length > 1 ? `lane ${name}` : undefined;
    return {
      name,
      label,
      committed: this.commits.get(name),
      openReader: async (input, mark) => {
        const lines = this.inputs.streams.get(schemaOf(inputs[input]!.message).name)?.get(name) ?? [];
        return this.reader(input, lines, (mark as number | undefined) ?? 0);
      },
      commit: async (text) => {
        this.steps++;
        this.troubles.reach('crash before a commit');
        this.commits.set(name, text);
        this.tables.get(name)?.commit();
        this.troubles.reach('crash after a commit');
      },
      restart: async () => void this.commits.delete(name),
      openTables: async (requests, mark) => {
        const tables = this.tables.get(name) ?? new MemoryTables();
        this.tables.set(name, tables);
        return tables.open(requests, mark === undefined);
      },
    };
  }

  private reader(stream: number, lines: readonly string[], from: number): StreamReader {
    const { batches, arrival } = this.schedule;
    let [at, turn] = [from, stream];
    let pending: (() => void) | undefined;
    const nextBatch = (): Batch => {
      this.steps++;
      this.troubles.throwIfCrashed();
      if (this.isPausing) this.time.pass(this.schedule.pauseMs);
      const size = batches.length === 0 ? lines.length : batches[turn++ % batches.length]!;
      const first = at;
      at = Math.min(lines.length, first + size);
      return { values: lines.slice(first, at).map(parsed), first, mark: first, end: at === lines.length };
    };
    return {
      read: () => {
        if (arrival === undefined) return nextBatch();
        return new Promise((resolve, reject) => {
          const deliver = (): void => {
            pending = undefined;
            try {
              resolve(nextBatch());
            } catch (error) {
              reject(error);
            }
          };
          pending = () => resolve({ values: [], first: at, mark: at, end: true });
          this.arrive({ stream, deliver });
        });
      },
      close: async () => {
        pending?.();
      },
    };
  }

  /**
   * Batches arrive one at a time, each in its own turn of the event loop, so that all of its effects have happened
   * before the next.
   */
  private arrive(arrival: Arrival): void {
    this.arrivals.push(arrival);
    if (this.isArriving) return;
    this.isArriving = true;
    this.rest(() => {
      this.isArriving = false;
      const next = this.arrivals.sort((a, b) => a.stream - b.stream);
      const [chosen] = next.splice(Math.floor(this.numbers() * next.length), 1);
      const others = next.splice(0);
      chosen?.deliver();
      for (const other of others) this.arrive(other);
    });
  }

  /** Lets a timer that a call has set fire before the next batch, if the schedule says so. */
  private rest(then: () => void): void {
    const { restMs } = this.schedule;
    if (restMs === undefined || !this.calls.sources.has('timers') || this.rests++ >= mostRests)
      realTime.setImmediate(then);
    else realTime.setTimeout(then, restMs);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    return new UnreadableMessage(line, `It is not JSON: ${thrownText(error)}.`);
  }
}
