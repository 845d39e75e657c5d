import type { Class } from '../../base/class.js';
import type { StreamEntry } from '../broker.js';
import { codecNames, entryOptions, membersOf } from '../broker-entry.js';
import type { BrokerOptions } from '../broker-options.js';
import type { TopicOptions } from './options/kafka-options.js';

/** A topic as the stream of a class. */
export interface KafkaEntry extends StreamEntry {
  readonly codec: TopicOptions<any> | undefined;
}

/** Checks the entries of the option `topics`. `cluster`: its addresses, as a part of the ids of its streams. */
export function kafkaEntries(
  options: BrokerOptions,
  entries: readonly unknown[],
  cluster: string,
): Map<Class, KafkaEntry> {
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
