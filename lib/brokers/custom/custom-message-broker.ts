import type { Class, MessageClass } from '../../base/class.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import type { Broker, BrokerAbilities, BrokerTimeouts, Connection, ConnectRequest, StreamEntry } from '../broker.js';
import { membersOf } from '../broker-entry.js';
import { BrokerOptions } from '../broker-options.js';
import { isList, isText } from '../option-values.js';
import { CustomConnection } from './custom-connection.js';
import { type CustomInput, customInput } from './custom-input.js';
import { type CustomOutput, customOutput } from './custom-output.js';
import type { SinkEntries } from './sink.js';
import type { SourceEntries } from './source.js';

/** The sources, sinks and options of a `CustomMessageBroker`. */
export interface CustomOptions<
  C extends readonly MessageClass<any>[] = readonly MessageClass<any>[],
  D extends readonly MessageClass<any>[] = readonly MessageClass<any>[],
> {
  /** The inputs: `[Class, source]` or `[Class, source, options]`. Default: none; then it is an `outputBroker`. */
  readonly sources?: SourceEntries<C>;
  /** The outputs: `[Class, sink]` or `[Class, writable, { serializer }]`. Default: none. */
  readonly sinks?: SinkEntries<D>;
  /** The folder that keeps the progress. Default: nothing is kept, and every run starts at the beginning. */
  readonly progress?: string;
  /** A stream without new values for this long has ended. Milliseconds. Default: it waits forever. */
  readonly dataTimeoutMs?: number;
  /** The `onTimeout` of an open expression window is called after this long without new elements. Milliseconds. Default: never. */
  readonly pollTimeoutMs?: number;
}

let brokers = 0;

/**
 * Streams from anywhere: iterables, functions, timers and batch sources; and results to anywhere: functions, batch
 * sinks and Writables.
 *
 * **Sources** are pulled, never pushed: nothing is read before the mill needs it, except one value of an async
 * iterable. An iterable is read once, from its beginning. A function is called with `after`, the offset of the last
 * processed element, and continues after it; offsets are ordinals from 0 on, or what `offset` returns for a value.
 * Whatever ends the mill, `signal` is aborted, then the iterator is closed by `return()`, for which it has 5 s. A
 * source that throws fails the mill, after all earlier values were processed, unless `retries` has it called again.
 *
 * **Sinks.** A function gets one element at a time, in order, and is awaited; a batch sink gets all elements of a
 * commit at once (without `progress`: as they are produced, at most 1,000); a Writable gets a line of JSON for each.
 *
 * **Delivery.** With `progress`, the run after a kill continues from the last commit. Functions and Writables get the
 * elements after the last commit again. A repeated batch has the same id and the same elements: it is kept in the
 * folder and committed before the sink gets it. So a sink that skips ids it knows is exactly-once, also if calls have
 * other results when they are made again. The folder has one owner: a second mill is refused (`WM_GROUP_IN_USE`). As
 * `outputBroker` with a broker that keeps its own progress, give it a `progress` folder as well, and the guarantee is the
 * same. After a crash, a run without the folder of the run before is refused (`WM_OUTPUT_CHANGED`) if a batch may not
 * have reached its sink.
 *
 * @example
 * ```ts no-run
 * new CustomMessageBroker({
 *   sources: [[Order, ({ after, signal }: SourceRequest<number>) => ordersSince(after, signal), { offset: (row) => row.id }]],
 *   sinks: [[Alarm, (alarm) => notify(alarm)]],
 *   progress: 'state/orders',
 * });
 * ```
 */
@ofThisCopy
export class CustomMessageBroker<
  const C extends readonly MessageClass<any>[] = [],
  const D extends readonly MessageClass<any>[] = [],
> implements Broker
{
  readonly name = 'CustomMessageBroker';
  readonly abilities: BrokerAbilities;
  readonly timeouts: BrokerTimeouts;
  private readonly entries = new Map<Class, CustomInput | CustomOutput>();
  private readonly progress: string | undefined;

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an entry or option that is invalid. */
  constructor(options: CustomOptions<C, D>) {
    const known = ['sources', 'sinks', 'progress', 'dataTimeoutMs', 'pollTimeoutMs'];
    const form = 'new CustomMessageBroker({ sources: [[Class, source]], sinks: [[Class, sink]] })';
    const checked = new BrokerOptions(this.name, options, known, form);
    this.timeouts = checked.timeouts();
    this.progress = checked.take('progress', 'the path of a folder', isText);
    const ids = new Ids();
    const sources = this.entriesOf(checked, 'sources', (message, source, rest) =>
      customInput(checked, message, source, rest, ids.of(source)),
    );
    const sinks = this.entriesOf(checked, 'sinks', (message, sink, rest) =>
      customOutput(checked, message, sink, rest, `${ids.of(sink)} of ${message.name}`),
    );
    this.abilities = Object.freeze({
      remembers: this.progress !== undefined,
      rereads: sources.every(({ rereads }) => rereads),
      transactions: false,
      writesAnyClass: false,
      tables: true,
      // A batch that no commit covers reaches no sink.
      rollsBack: this.progress !== undefined && sinks.every(({ sink }) => sink.kind === 'batches'),
    });
  }

  streamOf(message: Class): StreamEntry | undefined {
    return this.entries.get(message);
  }

  connect(request: ConnectRequest): Promise<Connection> {
    return CustomConnection.open(request, this.progress);
  }

  private entriesOf<T extends CustomInput | CustomOutput>(
    checked: BrokerOptions,
    list: 'sources' | 'sinks',
    make: (message: Class, thing: unknown, options: unknown) => T,
  ): T[] {
    const one = list.slice(0, -1);
    const entries = checked.take<readonly unknown[]>(list, `an array of [Class, ${one}]`, isList) ?? [];
    return entries.map((entry, i) => {
      const [message, thing, options] = membersOf(checked, `Entry ${i + 1} of ${list}`, entry, `[Class, ${one}]`);
      if (this.entries.has(message)) {
        checked.refuse(`The entry of ${message.name} in ${list}`, 'one entry per class (else use an alias)', message);
      }
      const made = make(message, thing, options);
      this.entries.set(message, made);
      return made;
    });
  }
}

/** Assigns ids: equal for the same source or sink, whatever classes it has. */
class Ids {
  private readonly broker = ++brokers;
  private readonly known = new Map<unknown, string>();

  of(thing: unknown): string {
    let id = this.known.get(thing);
    if (id === undefined) {
      id = `custom ${this.broker}.${this.known.size}`;
      this.known.set(thing, id);
    }
    return id;
  }
}
