import type {
  Batch,
  Broker,
  BrokerAbilities,
  BrokerLane,
  BrokerTimeouts,
  Class,
  Connection,
  ConnectRequest,
  Json,
  LaneProgress,
  LaneWriter,
  MessageOrigin,
  StreamReader,
} from './seam.js';

/** Values of a stream; `live` ones are pushed while the mill runs. */
export class ScriptedStream {
  readonly values: unknown[] = [];
  isEnded: boolean;
  failure: unknown;
  /** The number of further messages that the broker knows of. */
  lag: number | undefined;
  private waiting: (() => void)[] = [];

  constructor(
    values: Iterable<unknown>,
    readonly isLive: boolean,
  ) {
    this.values.push(...values);
    this.isEnded = !isLive;
  }

  push(...values: unknown[]): void {
    this.values.push(...values);
    this.wake();
  }

  end(): void {
    this.isEnded = true;
    this.wake();
  }

  /** Makes the read after all available values reject. */
  fail(error: unknown): void {
    this.failure = error;
    this.wake();
  }

  change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

export interface Script {
  /** The number of values per batch. Default: 3. */
  readonly batchSize?: number;
  /** Every read returns a promise. Default: false. */
  readonly isAsync?: boolean;
  readonly remembers?: boolean;
  readonly rereads?: boolean;
  readonly timeouts?: BrokerTimeouts;
  readonly lanes?: readonly string[];
  readonly abilities?: Partial<BrokerAbilities>;
  /** The name of the broker. */
  readonly name?: string;
  /** Returns further data about the value at a position. */
  readonly originOf?: (position: number) => MessageOrigin;
  /** Throws for commits that it cannot store. */
  readonly check?: (text: string) => void;
  /** Revokes the lanes. */
  readonly revoked?: AbortSignal;
  /** The lanes are lost: another process may have them. */
  readonly lost?: AbortSignal;
}

/** The outputs of a lane; a broker keeps them across its connections. */
interface Sink {
  elements: object[][];
  ended: number;
  published: number;
}

/** A transparent broker in memory: every call is reported to `onCall`, which may throw. */
export class ScriptedBroker implements Broker {
  get name(): string {
    return this.script.name ?? 'ScriptedBroker';
  }

  readonly timeouts?: BrokerTimeouts;
  readonly streams = new Map<Class, ScriptedStream>();
  readonly commits = new Map<string, string>();
  /** The data of each commit in addition to its text. */
  readonly progress: ({ readonly lane: string } & LaneProgress)[] = [];
  readonly readersOpened: string[] = [];
  readonly calls: string[] = [];
  /** The number of open resources. */
  open = 0;
  onCall: (call: string) => void = () => {};
  /** The result of `writer.close`. */
  partial: string | undefined;
  private readonly sinks = new Map<string, Sink>();
  private outputs: readonly Class[] = [];

  constructor(
    entries: readonly (readonly [message: Class, values: Iterable<unknown> | ScriptedStream])[],
    readonly script: Script = {},
  ) {
    if (script.timeouts !== undefined) this.timeouts = script.timeouts;
    const known = new Map<Iterable<unknown>, ScriptedStream>();
    for (const [message, values] of entries) {
      if (values instanceof ScriptedStream) {
        this.streams.set(message, values);
        continue;
      }
      const stream = known.get(values) ?? new ScriptedStream(values, false);
      known.set(values, stream);
      this.streams.set(message, stream);
    }
  }

  get abilities() {
    const { remembers = true, rereads = true } = this.script;
    return { remembers, rereads, transactions: false, writesAnyClass: true, ...this.script.abilities };
  }

  streamOf(message: Class) {
    const stream = this.streams.get(message);
    if (stream === undefined) return undefined;
    const index = [...new Set(this.streams.values())].indexOf(stream);
    return { label: `stream-${index}`, id: `stream-${index} of ${this.name}` };
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    this.call('connect');
    this.open++;
    if (request.outputs.length > 0) this.outputs = request.outputs.map(({ message }) => message);
    const closeOnce = this.once('connection.close');
    const { lanes } = this.script;
    return {
      ...(lanes && { laneCount: lanes.length }),
      lanes: () => (lanes ?? ['0']).map((name) => this.lane(name, request)),
      openWriter: async (lane, mark) => this.writer(lane, mark),
      close: closeOnce,
    };
  }

  written<T>(message: Class<T>, lane = '0'): T[] {
    return (this.sinks.get(lane)?.elements[this.outputs.indexOf(message)] ?? []) as T[];
  }

  sink(lane = '0'): Sink {
    return this.sinks.get(lane) ?? { elements: [], ended: 0, published: 0 };
  }

  private call(name: string): void {
    this.calls.push(name);
    this.onCall(name);
  }

  private once(name: string): () => Promise<void> {
    let isClosed = false;
    return async () => {
      if (isClosed) return;
      isClosed = true;
      this.open--;
      this.call(name);
    };
  }

  private lane(name: string, request: ConnectRequest): BrokerLane {
    return {
      name,
      committed: this.commits.get(name),
      ...(this.script.revoked && { revoked: this.script.revoked }),
      ...(this.script.lost && { lost: this.script.lost }),
      check: this.script.check ?? (() => {}),
      restart: async () => {
        this.call('restart');
        this.commits.delete(name);
      },
      openReader: async (input, mark) => {
        this.call('openReader');
        return this.reader(request.inputs[input]!.message, mark);
      },
      commit: async (text, progress) => {
        this.call('commit');
        this.commits.set(name, text);
        this.progress.push({ lane: name, ...progress });
      },
    };
  }

  private reader(message: Class, mark: Json | undefined): StreamReader {
    const stream = this.streams.get(message)!;
    this.readersOpened.push(message.name);
    this.open++;
    let at = (mark as number | undefined) ?? 0;
    let isClosed = false;
    const { batchSize = 3, isAsync = false } = this.script;
    const give = (): Batch | undefined => {
      const values = stream.values.slice(at, at + batchSize);
      const end = stream.isEnded && at + values.length === stream.values.length;
      if (values.length === 0 && !end) return undefined;
      const first = at;
      const { originOf } = this.script;
      const batch: Batch = {
        values,
        first,
        mark: first,
        end,
        ...(originOf && { origin: (index: number) => originOf(first + index) }),
      };
      at += values.length;
      return batch;
    };
    const wait = async (): Promise<Batch> => {
      for (;;) {
        const batch = isClosed ? { values: [], first: at, mark: at, end: true } : give();
        if (batch !== undefined) return batch;
        if (stream.failure !== undefined) throw stream.failure;
        await stream.change();
      }
    };
    const close = this.once('reader.close');
    return {
      read: () => {
        this.call('read');
        if (isAsync) return wait();
        return give() ?? wait();
      },
      lag: () => stream.lag,
      fraction: () => (stream.values.length === 0 ? 1 : at / stream.values.length),
      close: () => {
        isClosed = true;
        stream.wake();
        return close();
      },
    };
  }

  private writer(lane: string, mark: Json | undefined): LaneWriter {
    this.call('openWriter');
    this.open++;
    const { counts, ended } = (mark ?? { counts: [], ended: 0 }) as { counts: number[]; ended: number };
    const before = this.sink(lane);
    const elements = this.outputs.map((_, i) => (before.elements[i] ?? []).slice(0, counts[i] ?? 0));
    const sink: Sink = { elements, ended, published: before.published };
    this.sinks.set(lane, sink);
    const close = this.once('writer.close');
    return {
      write: (output, added) => {
        this.call('write');
        sink.elements[output]!.push(...added);
        return this.script.isAsync ? Promise.resolve() : undefined;
      },
      flush: async () => {
        this.call('flush');
        return { counts: sink.elements.map((each) => each.length), ended: sink.ended };
      },
      end: async () => {
        this.call('end');
        sink.ended++;
      },
      publish: async () => {
        this.call('publish');
        sink.published++;
      },
      close: async () => {
        await close();
        return sink.published > 0 ? undefined : this.partial;
      },
    };
  }
}
