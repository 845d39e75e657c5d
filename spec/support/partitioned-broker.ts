import type { Class } from '../../lib/base/class.js';
import type { Json } from '../../lib/base/json.js';
import type { Batch } from '../../lib/brokers/batch.js';
import type {
  Broker,
  BrokerLane,
  Connection,
  ConnectRequest,
  LaneWriter,
  StreamReader,
} from '../../lib/brokers/broker.js';
import type { KeptChange, KeptTables, TableRequest } from '../../lib/brokers/kept-tables.js';

/** A partition of a stream: what readers see of it. */
class Partition {
  readonly values: object[] = [];
  isEnded = false;
  private readonly waiting: (() => void)[] = [];

  change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** A change of a table in its log, as text: nothing of an element survives but that. */
interface LoggedChange {
  readonly offset: number;
  readonly key: KeptChange['key'];
  readonly text: string | undefined;
}

/** The changes of a table of a lane. Those from `end` on belong to no commit. */
interface TableLog {
  readonly file: number;
  end: number;
  changes: LoggedChange[];
}

/** What a group has committed for a lane. */
interface Progress {
  text: string | undefined;
  tables: Map<string, TableLog>;
}

/** The uncommitted work of a lane. */
interface Transaction {
  readonly results: (readonly [partition: Partition, element: object])[];
  isLast: boolean;
  tables: Map<string, TableLog>;
}

let servers = 0;

/** The streams of `PartitionedBroker`s, and the progress of their groups. */
export class PartitionedStreams {
  readonly id = ++servers;
  private readonly streams = new Map<Class, Partition[]>();
  private readonly groups = new Map<string, Map<string, Progress>>();

  /** `partitions`: of streams that are written. */
  constructor(
    inputs: readonly (readonly [message: Class, partitions: readonly (readonly object[])[]])[],
    readonly partitions = 1,
  ) {
    for (const [message, lanes] of inputs) {
      for (const [lane, values] of lanes.entries()) {
        const partition = this.partitionsOf(message, lanes.length)[lane] as Partition;
        partition.values.push(...values);
        partition.isEnded = true;
      }
    }
  }

  partitionsOf(message: Class, count = this.partitions): readonly Partition[] {
    const found = this.streams.get(message) ?? Array.from({ length: count }, () => new Partition());
    this.streams.set(message, found);
    return found;
  }

  /** The elements of a class, by partition. */
  written<T>(message: Class<T>): readonly (readonly T[])[] {
    return this.partitionsOf(message).map(({ values }) => values as T[]);
  }

  progressOf(group: string, lane: string): Progress {
    const lanes = this.groups.get(group) ?? new Map<string, Progress>();
    this.groups.set(group, lanes);
    const progress = lanes.get(lane) ?? { text: undefined, tables: new Map() };
    lanes.set(lane, progress);
    return progress;
  }

  /** Drops changes of tables that later ones override, as a broker does. Deletions stay. */
  compact(): void {
    for (const lanes of this.groups.values()) {
      for (const { tables } of lanes.values()) {
        for (const log of tables.values()) {
          const last = new Map(log.changes.map(({ key, offset }) => [partText(key), offset]));
          log.changes = log.changes.filter(({ key, offset }) => last.get(partText(key)) === offset);
        }
      }
    }
  }

  /** Returns a function that restores everything as it is now: a backup. */
  backup(): () => void {
    const partitions = [...this.streams.values()].flat();
    const before = new Map(
      partitions.map(({ values, isEnded }, i) => [partitions[i], [values.length, isEnded] as const]),
    );
    const groups = structuredClone(this.groups);
    return () => {
      for (const partition of [...this.streams.values()].flat()) {
        [partition.values.length, partition.isEnded] = before.get(partition) ?? [0, false];
      }
      this.groups.clear();
      for (const [name, lanes] of structuredClone(groups)) this.groups.set(name, lanes);
    };
  }
}

export interface PartitionedOptions {
  /** Default: `g`. */
  readonly group?: string;
  /** The number of values per batch. Default: 3. */
  readonly batchSize?: number;
  /** Is awaited within each commit, before it counts. Default: nothing. */
  readonly committing?: () => Promise<void>;
  /** A log of a table with fewer changes is not rewritten. Default: 10. */
  readonly leastChanges?: number;
}

/**
 * A broker in memory whose streams have partitions, one lane each. A commit is a transaction: results, changes of
 * tables and positions. Tables are logs of texts, and a copy on disk may follow one.
 */
export class PartitionedBroker implements Broker {
  readonly name = 'PartitionedBroker';
  readonly abilities = {
    remembers: true,
    rereads: true,
    transactions: true,
    writesAnyClass: true,
    tables: true,
    partitionsByKey: true,
  };

  constructor(
    readonly streams: PartitionedStreams,
    private readonly options: PartitionedOptions = {},
  ) {}

  streamOf(message: Class) {
    return { label: message.name, id: `${message.name} of ${this.streams.id}` };
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    const partitions = request.inputs.map(({ message }) => this.streams.partitionsOf(message));
    const lanes = Math.max(...partitions.map(({ length }) => length));
    for (const { message, key } of request.outputs)
      this.streams.partitionsOf(message, key === undefined ? lanes : undefined);
    const transactions = Array.from(
      { length: lanes },
      (): Transaction => ({ results: [], isLast: false, tables: new Map() }),
    );
    const left = new Set(transactions);
    const ends = (transaction: Transaction): void => {
      left.delete(transaction);
      if (left.size > 0) return;
      for (const { message } of request.outputs) {
        for (const partition of this.streams.partitionsOf(message)) {
          partition.isEnded = true;
          partition.wake();
        }
      }
    };
    return {
      laneCount: lanes,
      lanes: () =>
        transactions.map((transaction, i) =>
          this.lane(
            String(i),
            partitions.map((each) => each[i] as Partition),
            transaction,
            () => ends(transaction),
          ),
        ),
      openWriter: async (lane) => this.writer(request, Number(lane), transactions[Number(lane)] as Transaction, ends),
      close: async () => {},
    };
  }

  private lane(name: string, inputs: readonly Partition[], transaction: Transaction, ends: () => void): BrokerLane {
    const { group = 'g' } = this.options;
    const progress = this.streams.progressOf(group, name);
    return {
      name,
      committed: progress.text,
      openReader: async (input, mark) => this.reader(inputs[input] as Partition, mark),
      openTables: async (tables, mark) => {
        if (mark === undefined) progress.tables = new Map();
        return this.tables(tables, `${this.streams.id} ${group} ${name}`, progress, transaction);
      },
      commit: async (text) => {
        await this.options.committing?.();
        progress.text = text;
        for (const [table, log] of transaction.tables) progress.tables.set(table, { ...log, end: endOf(log) });
        for (const [partition, element] of transaction.results.splice(0)) {
          partition.values.push(element);
          partition.wake();
        }
        if (transaction.isLast) ends();
      },
    };
  }

  private reader(partition: Partition, mark: Json | undefined): StreamReader {
    const { batchSize = 3 } = this.options;
    let at = (mark as number | undefined) ?? 0;
    let isClosed = false;
    const next = (): Batch | undefined => {
      const values = isClosed ? [] : partition.values.slice(at, at + batchSize).map((value) => ({ ...value }));
      const first = at;
      at += values.length;
      const end = isClosed || (partition.isEnded && at === partition.values.length);
      return values.length === 0 && !end ? undefined : { values, first, mark: first, end };
    };
    const wait = async (): Promise<Batch> => {
      for (;;) {
        const batch = next();
        if (batch !== undefined) return batch;
        await partition.change();
      }
    };
    return {
      read: () => next() ?? wait(),
      close: async () => {
        isClosed = true;
        partition.wake();
      },
    };
  }

  private writer(
    { outputs }: ConnectRequest,
    lane: number,
    transaction: Transaction,
    ends: (transaction: Transaction) => void,
  ): LaneWriter {
    return {
      write: (output, elements) => {
        const { message, key } = outputs[output] as ConnectRequest['outputs'][number];
        const partitions = this.streams.partitionsOf(message);
        for (const element of elements) {
          const to = key === undefined ? lane : partitionOf(key(element));
          transaction.results.push([partitions[to % partitions.length] as Partition, element]);
        }
      },
      flush: async () => undefined,
      end: async () => {
        transaction.isLast = true;
      },
      publish: async () => ends(transaction),
      close: async () => undefined,
    };
  }

  private tables(
    tables: readonly TableRequest[],
    id: string,
    progress: Progress,
    transaction: Transaction,
  ): KeptTables {
    const logOf = (table: number): TableLog => {
      const { name } = tables[table] as TableRequest;
      return transaction.tables.get(name) ?? progress.tables.get(name) ?? { file: 0, end: 0, changes: [] };
    };
    return {
      keeps: 'texts',
      id,
      placeOf: (table) => [logOf(table).file, endOf(logOf(table))],
      canReadAfter: (table, place) => {
        const [file, end] = place as [number, number];
        return file === logOf(table).file && end <= logOf(table).end;
      },
      read: async (table, take, _, after) => {
        const from = after === undefined ? 0 : (after as [number, number])[1];
        for (const { offset, key, text } of logOf(table).changes) {
          if (offset >= from) await take({ key: structuredClone(key), value: text });
        }
      },
      write: (table, changes, whole) => {
        const log = logOf(table);
        const { leastChanges = 10 } = this.options;
        const isLong = log.changes.length + changes.length > Math.max(leastChanges, 2 * whole.size);
        const before = isLong ? [] : log.changes;
        const end = isLong ? 0 : endOf(log);
        const added = [...(isLong ? whole.changes() : changes)].map(
          ({ key, value }, i): LoggedChange => ({
            offset: end + i,
            key: structuredClone(key),
            text: value as string | undefined,
          }),
        );
        const file = isLong ? log.file + 1 : log.file;
        transaction.tables.set((tables[table] as TableRequest).name, {
          file,
          end: isLong ? 0 : log.end,
          changes: [...before, ...added],
        });
      },
      flush: async () => null,
      close: async () => {},
    };
  }
}

function endOf({ changes, end }: TableLog): number {
  return Math.max(end, (changes.at(-1)?.offset ?? -1) + 1);
}

/** Equal for equal keys. A Date is known by its type: it may be of another realm. */
function partText(key: unknown): string {
  return JSON.stringify([key].flat().map((part) => String(typeof part === 'object' ? Number(part) : part)));
}

/** The number of a key's partition, modulo the number of partitions. */
function partitionOf(key: unknown): number {
  let sum = 7;
  for (const character of partText(key)) sum = (sum * 31 + character.charCodeAt(0)) % 65_537;
  return sum;
}
