import type { Class, MessageClass } from '../../base/class.js';
import { isAbort } from '../../base/is-abort.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { recordWriterOf } from '../../messages/index.js';
import type {
  Broker,
  BrokerAbilities,
  BrokerTimeouts,
  Connection,
  ConnectRequest,
  LagRequest,
  OutputRequest,
  StreamEntry,
  StreamLag,
} from '../broker.js';
import { codecNames, entryOptions, membersOf } from '../broker-entry.js';
import { BrokerOptions } from '../broker-options.js';
import { expectPartitionPerLane } from '../partitions/partition-counts.js';
import type { KafkaClient, TopicFacts, TopicLimits } from './client.js';
import { groupLag } from './group-lag.js';
import { KafkaConnection } from './kafka-connection.js';
import { endsUnknown, keyedTwice, notConnected } from './kafka-errors.js';
import { KafkajsClient } from './kafkajs/client.js';
import type { KafkaOptions, KafkaSettings, TopicOptions } from './options/kafka-options.js';
import { checkStart, kafkaOptionNames, kafkaSettings } from './options/kafka-settings.js';
import { checkStartPartitions } from './reading/start-offsets.js';
import type { KafkaTarget } from './results/kafka-writer.js';
import { withLetterHeaders } from './results/letter-headers.js';
import { recordMaker, withinLimit } from './results/result-records.js';
import { checkTableTopics } from './tables/table-topic-checks.js';
import { tableTopic } from './tables/table-topics.js';
import { checkTopics } from './topic-checks.js';

interface KafkaEntry extends StreamEntry {
  readonly codec: TopicOptions<any> | undefined;
}

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
    this.entries = entriesOf(checked, options.topics, cluster);
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

/** Checks the topics and opens the connection; nothing is read or written yet. */
export async function openConnection(
  client: KafkaClient,
  settings: KafkaSettings,
  request: ConnectRequest,
): Promise<Connection> {
  const inputs = request.inputs.map(({ entry }) => ({
    topic: entry.label,
    raw: entry.codec?.raw === true,
    skipsEmpty: settings.emptyValues === 'skip',
  }));
  const optionsOf = (entry: StreamEntry) => (entry as KafkaEntry).codec ?? {};
  const optionsOfResults = ({ entry, key }: OutputRequest): TopicOptions<any> =>
    key === undefined ? optionsOf(entry) : { ...optionsOf(entry), key, partitionBy: 'key' };
  const isSpread = (output: OutputRequest) => optionsOfResults(output).partitionBy === 'key';
  const topicsOf = (list: readonly OutputRequest[]) => list.map(({ entry }) => entry.label);
  const topics = {
    inputs: inputs.map(({ topic }) => topic),
    aligned: topicsOf(request.outputs.filter((output) => !isSpread(output))),
    spread: topicsOf(request.outputs.filter(isSpread)),
    ofStage: request.inputs.filter(({ isOfStage }) => isOfStage === true).map(({ entry }) => entry.label),
  };
  const facts = await checkTopics(client, topics, settings.createTopics, request);
  for (const topic of topics.inputs) {
    checkStartPartitions(settings, topic, (facts.get(topic) as TopicFacts).partitions);
  }
  const limitsOf = async (topic: string) => [topic, await client.limitsOf(topic)] as const;
  const limits = new Map(await Promise.all(topicsOf(request.outputs).map(limitsOf)));
  const targets = request.outputs.map((output) => {
    const { message, entry, takesLetters } = output;
    const { partitions } = facts.get(entry.label) as TopicFacts;
    const target = { topic: entry.label, partitions, limits: limits.get(entry.label) as TopicLimits };
    const record = recordMaker(message, recordWriterOf(message, entry.codec), optionsOfResults(output), target);
    const whole = takesLetters ? withLetterHeaders(record) : record;
    // The size of a compressed record is known only to the cluster.
    const checked = settings.compression === undefined ? withinLimit(whole, message, target) : whole;
    return { ...target, isShared: isSpread(output), message: message.name, record: checked };
  });
  checkOtherLanes(targets, request.lanes ?? 1);
  const partitions = facts.get(inputs[0]?.topic ?? targets[0]?.topic ?? '')?.partitions ?? 0;
  const { group = '' } = settings;
  const tableTopics = (request.tables ?? []).map(({ name }) => tableTopic(group, name));
  const tables = await checkTableTopics(client, tableTopics, partitions, settings.createTopics);
  const tableFacts = tableTopics.length === 0 ? [] : await client.topics(tableTopics);
  const watched = new Map([...facts, ...tableFacts]);
  return new KafkaConnection({ client, settings, request, inputs, targets, partitions, topics: watched, tables });
}

/** Checks the outputs if another broker is read, with several lanes. */
function checkOtherLanes(targets: readonly KafkaTarget[], lanes: number): void {
  if (lanes === 1) return;
  for (const { topic, partitions, isShared } of targets) {
    if (isShared) throw endsUnknown(topic);
    expectPartitionPerLane(topic, partitions, lanes, 'topic');
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

function entriesOf(options: BrokerOptions, entries: readonly unknown[], cluster: string): Map<Class, KafkaEntry> {
  if (!Array.isArray(entries)) options.refuse("The option 'topics'", 'an array of [Class, topic]', entries);
  const made = new Map<Class, KafkaEntry>();
  for (const [i, entry] of entries.entries()) {
    const [message, topic, given] = membersOf(options, `Entry ${i + 1} of topics`, entry, '[Class, topic]');
    const what = `The entry of ${message.name}`;
    if (typeof topic !== 'string' || topic === '') options.refuse(what, 'the name of a topic after the class', topic);
    const codec = entryOptions<TopicOptions<any>>(options, what, given, topicOptionNames);
    checkTopicOptions(options, what, codec);
    const other = [...made.values()].find(({ label }) => label === topic);
    if (other !== undefined && (other.codec?.raw === true) !== (codec?.raw === true)) {
      options.refuse(what, 'raw for all classes of a topic, or for none', codec?.raw === true);
    }
    if (made.has(message)) options.refuse(what, 'one entry per class (for a second node, use an alias)', topic);
    made.set(message, { label: topic, id: `${cluster}, topic ${topic}`, codec });
  }
  return made;
}

const topicOptionNames = [...codecNames, 'key', 'partitionBy', 'timestamp'];

function checkTopicOptions(options: BrokerOptions, what: string, given: TopicOptions<any> = {}): void {
  const { key, partitionBy, timestamp } = given;
  if (!isExpression(key)) options.refuse(what, 'as key a function of the result, or an expression', key);
  if (!isExpression(timestamp))
    options.refuse(what, 'as timestamp a function of the result, or an expression', timestamp);
  if (partitionBy !== undefined && partitionBy !== 'lane' && partitionBy !== 'key') {
    options.refuse(what, "as partitionBy 'lane' or 'key'", partitionBy);
  }
  if (partitionBy === 'key' && key === undefined) options.refuse(what, "a key, where partitionBy is 'key'", 'none');
}

function isExpression(value: unknown): boolean {
  if (value === undefined || typeof value === 'function') return true;
  return typeof (value as { evaluate?: unknown } | null)?.evaluate === 'function';
}
