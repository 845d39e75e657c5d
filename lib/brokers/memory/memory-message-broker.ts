import type { Class, MessageClass } from '../../base/class.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { EndOfStream, expectMessageClass, type Init, type StreamCodec } from '../../messages/index.js';
import type { Broker, BrokerAbilities, BrokerTimeouts, Connection, ConnectRequest, StreamEntry } from '../broker.js';
import { codecNames, entryOptions, membersOf } from '../broker-entry.js';
import { BrokerOptions } from '../broker-options.js';
import { isCountAboveZero } from '../option-values.js';
import { BackPressure } from './back-pressure.js';
import { IterableStream } from './iterable-stream.js';
import { MemoryConnection } from './memory-connection.js';
import { MemoryProgress } from './memory-progress.js';
import type { MemoryStream } from './memory-stream.js';
import { PushedStream } from './pushed-stream.js';
import { RunsInProgress } from './runs-in-progress.js';

/** An element, its fields, or the mark at which the stream ends, whatever follows. */
export type MemoryElement<T> = T | Init<T> | EndOfStream;

/** Classes and their elements; each entry is checked separately. */
export type MemoryEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I]]
    | readonly [message: C[I], elements: Iterable<MemoryElement<InstanceType<C[I]>>>]
    | readonly [message: C[I], values: Iterable<unknown> | undefined, codec: StreamCodec<InstanceType<C[I]>>];
};

/** The options of a `MemoryMessageBroker`. */
export interface MemoryOptions {
  /**
   * The number of elements in a stream that are not taken yet beyond which `push` returns a promise to wait for.
   * Default: 1024.
   */
  capacity?: number;
  /** A stream without new values for this long has ended. Milliseconds. Default: it waits forever. */
  dataTimeoutMs?: number;
  /** The `onTimeout` of an open expression window is called after this long without new elements. Milliseconds. Default: never. */
  pollTimeoutMs?: number;
}

interface MemoryEntry extends StreamEntry {
  readonly stream: MemoryStream;
}

let brokers = 0;

/**
 * Streams in memory, for tests and small jobs. It keeps all pushed and all written elements.
 *
 * An entry `[Class, iterable]` is a stream of the values of the iterable, and ends with it. Values may be elements, or
 * plain objects as a file would hold them (a renamed field also under its property's name). Arrays are not copied; they
 * must not change while a mill runs. Values of other iterables, and pushed values, are copied when they are taken or
 * pushed. Entries with the same iterable are one stream. An entry `[Class]` is a stream to push into, before or while a
 * mill runs, until `end`. A third member of an entry says how values are read.
 *
 * Classes that are only written need no entry. A copy of each result is kept, made when its call is done. A result that a
 * file would refuse, such as NaN in a number field, is refused here too (`WM_BAD_RESULT`). Serializers are not called, and
 * results of a class whose entry has one are not checked.
 *
 * Commits live as long as the broker object: a mill that was stopped or failed, and is created again on the same
 * broker, continues where it stopped; a mill that ended writes nothing new. It is the same mill if it has the same
 * inputs and result classes. The same mill runs once at a time (`WM_GROUP_IN_USE`), and a result class has one writer at a
 * time (`WM_OUTPUT_IN_USE`). Mills that write different classes can run at the same time.
 *
 * @example
 * ```ts
 * const broker = new MemoryMessageBroker([[RobotLocation, locations], [NextLocation, locations]]);
 * await new WaterMill({ process: SpeedMeter, joinTree: tree, broker }).run();
 * broker.written(RobotSpeed); // RobotSpeed[], in order
 * broker.ended(RobotSpeed);   // true
 * ```
 */
@ofThisCopy
export class MemoryMessageBroker<const C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  implements Broker
{
  readonly name = 'MemoryMessageBroker';
  readonly abilities: BrokerAbilities = memoryAbilities;
  readonly timeouts: BrokerTimeouts;
  private readonly entries: ReadonlyMap<Class, MemoryEntry>;
  private readonly pressure = new BackPressure();
  private readonly runs = new RunsInProgress();
  /** By the group of a mill. */
  private readonly progress = new Map<string, MemoryProgress>();
  private readonly classNumbers = new Map<Class, number>();

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an entry or option that is invalid. */
  constructor(entries: MemoryEntries<C> = [] as never, options: MemoryOptions = {}) {
    const form = 'all entries in one array: new MemoryMessageBroker([[Class, elements], [Class, elements]])';
    const checked = new BrokerOptions(this.name, options, ['capacity', 'dataTimeoutMs', 'pollTimeoutMs'], form);
    this.timeouts = checked.timeouts();
    const capacity = checked.take<number>('capacity', 'a whole number above 0', isCountAboveZero) ?? 1024;
    this.entries = entriesOf(checked, entries, (label) => new PushedStream(label, capacity, this.pressure));
  }

  /**
   * Appends elements to a stream whose entry has no iterable. They are always accepted; if more than `capacity` are
   * waiting while a mill is busy, the result is a promise that resolves when the mill has caught up, or when it waits
   * for more of any stream. Await it if you push many elements: `await broker.push(…)`. An `EndOfStream` as the last
   * element ends the stream.
   *
   * @throws WaterMillError `WM_PUSH` if the stream has ended, or does not accept pushes.
   */
  push<T>(message: MessageClass<T>, ...elements: MemoryElement<T>[]): void | Promise<void> {
    return this.pushed(message, 'push()').push(elements);
  }

  /** Ends a stream whose entry has no iterable. Further calls have no effect. */
  end(message: MessageClass<any>): void {
    this.pushed(message, 'end()').end();
  }

  /**
   * The results of a class so far, in order, lane by lane: a new list, which does not change. Empty for a message class
   * without results; throws `WM_NOT_A_MESSAGE_CLASS` if it is not a message class.
   */
  written<T>(message: MessageClass<T>): T[] {
    expectMessageClass(message, 'written()');
    const lists = this.outputsOf(message).map(({ elements }) => elements.all() as T[]);
    return lists.length === 1 ? (lists[0] as T[]) : lists.flat();
  }

  /** Returns whether the stream of a result class has ended. */
  ended(message: MessageClass<any>): boolean {
    expectMessageClass(message, 'ended()');
    const outputs = this.outputsOf(message);
    return outputs.length > 0 && outputs.every(({ ended }) => ended);
  }

  streamOf(message: Class): StreamEntry | undefined {
    return this.entries.get(message);
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    const inputs = request.inputs.map(({ message }) => this.entries.get(message)!.stream);
    const group = this.groupOf(request);
    const ended = this.runs.begin(request, group);
    return new MemoryConnection(inputs, this.progressOf(group, request), this.pressure, ended);
  }

  private progressOf(group: string, { outputs }: ConnectRequest): MemoryProgress {
    let progress = this.progress.get(group);
    if (progress === undefined) {
      progress = new MemoryProgress(outputs);
      this.progress.set(group, progress);
    }
    return progress;
  }

  /** Mills with equal groups share their progress. If another broker leads, it has the progress, and this one only results. */
  private groupOf({ inputs, outputs, lanes }: ConnectRequest): string {
    const numbers = (requests: readonly { message: Class }[]) =>
      requests.map(({ message }) => this.numberOf(message)).join();
    return `${numbers(inputs)} to ${numbers(outputs)}${lanes === undefined ? '' : ', led by another broker'}`;
  }

  private numberOf(message: Class): number {
    const number = this.classNumbers.get(message) ?? this.classNumbers.size;
    this.classNumbers.set(message, number);
    return number;
  }

  private outputsOf(message: Class) {
    return [...this.progress.values()].flatMap(({ outputs }) => outputs.filter((output) => output.message === message));
  }

  private pushed(message: Class, role: string): PushedStream {
    const stream = this.entries.get(message)?.stream;
    if (stream instanceof PushedStream) return stream;
    expectMessageClass(message, role);
    const found = stream === undefined ? 'no entry of the class' : 'an entry with an iterable';
    const sentence = `Nothing can be pushed into the stream of ${message.name}: expected the entry [${message.name}], found ${found}.`;
    throw new WaterMillError('WM_PUSH', sentence, { message: message.name, expected: `[${message.name}]`, found });
  }
}

const memoryAbilities: BrokerAbilities = Object.freeze({
  remembers: true,
  rereads: true,
  transactions: false,
  writesAnyClass: true,
  tables: true,
  readsAside: true,
});

function entriesOf(
  options: BrokerOptions,
  entries: readonly unknown[],
  pushed: (label: string) => PushedStream,
): Map<Class, MemoryEntry> {
  if (!Array.isArray(entries)) options.refuse('The list of entries', 'an array of [Class, elements]', entries);
  const broker = ++brokers;
  const byIterable = new Map<unknown, { id: string; stream: MemoryStream }>();
  const made = new Map<Class, MemoryEntry>();
  for (const [i, entry] of entries.entries()) {
    const [message, values, given] = membersOf(options, `Entry ${i + 1}`, entry, '[Class, elements]');
    const label = message.name;
    const what = `The entry of ${label}`;
    if (values !== undefined && !isIterable(values)) {
      options.refuse(what, 'an array or another iterable after the class', values);
    }
    const codec = entryOptions<StreamCodec<any>>(options, what, given, codecNames);
    if (made.has(message)) options.refuse(what, 'one entry per class', label);
    const stream = values === undefined ? pushed(label) : new IterableStream(label, values);
    const shared = byIterable.get(values ?? stream) ?? { id: `memory ${broker}, stream ${i + 1}`, stream };
    byIterable.set(values ?? stream, shared);
    made.set(message, { label, ...shared, codec, acceptPropertyNames: true });
  }
  return made;
}

function isIterable(values: unknown): values is Iterable<unknown> {
  return typeof values === 'object' && values !== null && Symbol.iterator in values;
}
