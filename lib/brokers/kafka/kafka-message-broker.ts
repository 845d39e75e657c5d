import type { Class, MessageClass } from '../../base/class.js';
import { isAbort } from '../../base/is-abort.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type {
  Broker,
  BrokerAbilities,
  BrokerTimeouts,
  Connection,
  ConnectRequest,
  LagRequest,
  StreamEntry,
  StreamLag,
} from '../broker.js';
import { BrokerOptions } from '../broker-options.js';
import { groupLag } from './group-lag.js';
import { type KafkaEntry, kafkaEntries } from './kafka-entry.js';
import { keyedTwice, notConnected } from './kafka-errors.js';
import { KafkajsClient } from './kafkajs/client.js';
import { openConnection } from './open-connection.js';
import type { KafkaOptions, KafkaSettings } from './options/kafka-options.js';
import { checkStart, kafkaOptionNames, kafkaSettings } from './options/kafka-settings.js';
import { checkTopics } from './topic-checks.js';

/**
 * Streams in the topics of Apache Kafka: a record per element, JSON in UTF-8. Requires the package `kafkajs`.
 *
 * Partitions: a lane joins the same partition of every topic, and writes to the same partition of its result topics; so
 * all topics of a mill must have the same number of partitions, except those with `partitionBy: 'key'`. Processes with
 * the same `group` share the lanes.
 *
 * Positions: the state of a lane is committed atomically in the group, as the metadata of an offset. A group belongs to
 * one mill; a changed join tree is refused (`WM_PLAN_CHANGED`), or starts over with the mill's `onPlanChange`.
 *
 * Guarantees: `at-least-once` repeats at most the results since the last commit; `exactly-once` commits results and
 * positions in one transaction; consumers must read with `read_committed`. Inputs are read with `read_committed`, too.
 *
 * The end: a record with the header `watermill: end-of-stream` ends a partition of a stream. A lane that has ended
 * writes one to its partition of every result topic, and stays ended; when all lanes have ended, `run()` resolves in
 * all processes.
 *
 * @example
 * ```ts no-run
 * const broker = new KafkaMessageBroker({
 *   brokers: ['localhost:9092'],
 *   group: 'speed-meter',
 *   topics: [
 *     [RobotLocation, 'robot-locations'],
 *     [NextLocation, 'robot-locations'],
 *     [RobotSpeed, 'robot-speed'],
 *   ],
 *   guarantee: 'exactly-once',
 * });
 * ```
 */
@ofThisCopy
export class KafkaMessageBroker<const C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  implements Broker
{
  readonly name = 'KafkaMessageBroker';
  readonly abilities: BrokerAbilities;
  readonly timeouts: BrokerTimeouts;
  private readonly entries: ReadonlyMap<Class, KafkaEntry>;
  private readonly settings: KafkaSettings;

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an entry or option that is invalid. */
  constructor(options: KafkaOptions<C>) {
    const form = "new KafkaMessageBroker({ brokers: ['localhost:9092'], group: 'name', topics: [[Class, topic]] })";
    const checked = new BrokerOptions(this.name, options, kafkaOptionNames, form);
    this.timeouts = checked.timeouts();
    this.settings = kafkaSettings(checked);
    const cluster = this.settings.addresses
      .map(({ text }) => text)
      .sort()
      .join();
    this.entries = kafkaEntries(checked, options.topics, cluster);
    const { group, exactlyOnce, startFrom, transactionTimeoutMs } = this.settings;
    checkStart(
      checked,
      startFrom,
      [...this.entries.values()].map(({ label }) => label),
    );
    const remembers = group !== undefined;
    this.abilities = Object.freeze({
      remembers,
      rereads: false,
      transactions: exactlyOnce,
      ...(exactlyOnce && { transactionTimeoutMs }),
      writesAnyClass: false,
      tables: true,
      partitionsByKey: true,
    });
  }

  streamOf(message: Class): StreamEntry | undefined {
    return this.entries.get(message);
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    checkUse(this.settings, request);
    const client = await KafkajsClient.open(this.settings, request).catch((error) => this.notConnected(error));
    try {
      return await openConnection(client, this.settings, request);
    } catch (error) {
      await client.close().catch(() => {});
      return this.notConnected(error);
    }
  }

  async lag({ inputs, logger }: LagRequest): Promise<readonly (readonly StreamLag[])[]> {
    const { settings } = this;
    const connecting = { logger, signal: new AbortController().signal };
    const client = await KafkajsClient.open(settings, connecting).catch((error) => this.notConnected(error));
    try {
      const topics = inputs.map(({ entry }) => entry.label);
      await checkTopics(client, { inputs: topics, aligned: [], spread: [], ofStage: [] }, false, connecting);
      return await groupLag(client, settings.group, topics);
    } catch (error) {
      return this.notConnected(error);
    } finally {
      await client.close().catch(() => {});
    }
  }

  private notConnected(error: unknown): never {
    if (isAbort(error)) throw error;
    const places = this.settings.addresses.map(({ text }) => text).join(', ');
    throw notConnected(error, places);
  }
}

/** Throws if these settings do not work for this mill. */
function checkUse(settings: KafkaSettings, { inputs, outputs, lanes }: ConnectRequest): void {
  for (const { message, entry, key } of outputs) {
    const { key: own, partitionBy } = (entry as KafkaEntry).codec ?? {};
    if (key !== undefined && (own !== undefined || partitionBy !== undefined)) throw keyedTwice(message.name);
  }
  if (inputs.length > 0 && settings.group === undefined) {
    throw new WaterMillError(
      'WM_BROKER_OPTIONS',
      "KafkaMessageBroker reads topics, and for that it needs the option 'group', a name of your choice: it shares the partitions and keeps the positions.",
      { expected: 'a group', found: 'none' },
    );
  }
  if (settings.exactlyOnce && (inputs.length === 0 || lanes !== undefined) && outputs.length > 0) {
    throw new WaterMillError(
      'WM_GUARANTEE',
      'Results cannot be written to Kafka exactly once, since another broker leads the mill: positions there and results here are not one transaction. Use at-least-once, or read the master from the same cluster.',
      { expected: 'the master on the same broker', found: 'another broker' },
    );
  }
}
