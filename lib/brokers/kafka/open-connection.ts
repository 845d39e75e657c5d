import { recordWriterOf } from '../../messages/index.js';
import type { Connection, ConnectRequest, OutputRequest, StreamEntry } from '../broker.js';
import { expectPartitionPerLane } from '../partitions/partition-counts.js';
import type { KafkaClient, TopicFacts, TopicLimits } from './client.js';
import { KafkaConnection } from './kafka-connection.js';
import type { KafkaEntry } from './kafka-entry.js';
import { endsUnknown, timestampReplaced } from './kafka-errors.js';
import type { KafkaSettings, TopicOptions } from './options/kafka-options.js';
import { checkStartPartitions } from './reading/start-offsets.js';
import type { KafkaTarget } from './results/kafka-writer.js';
import { withLetterHeaders } from './results/letter-headers.js';
import { recordMaker, withinLimit } from './results/result-records.js';
import { checkTableTopics } from './tables/table-topic-checks.js';
import { tableTopic } from './tables/table-topics.js';
import { checkTopics } from './topic-checks.js';

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
    const options = optionsOfResults(output);
    const target = { topic: entry.label, partitions, limits: limits.get(entry.label) as TopicLimits };
    if (options.timestamp !== undefined && target.limits.isAppendTime === true) {
      throw timestampReplaced(message.name, entry.label);
    }
    const record = recordMaker(message, recordWriterOf(message, entry.codec), options, target);
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
