import { compactText, noTags, unsigned } from './records/wire-forms.js';
import { WireReader } from './records/wire-reader.js';

/** The metadata of a topic from a broker. */
export interface TopicMetadata {
  readonly topic: string;
  /** Kafka's error code; 0 for none. */
  readonly error: number;
  /** The id, different for each topic that was ever created under the name. */
  readonly id: string;
  readonly partitions: number;
  /** Undefined if the broker does not say it. */
  readonly mayRead: boolean | undefined;
  readonly mayWrite: boolean | undefined;
}

/** The first version with topic ids; kafkajs stops at 6. */
export const metadataVersion = 10;
export const metadataKey = 3;

/** Encodes a request for these topics, after the client id of the header. It does not create topics. */
export function encodedMetadataRequest(topics: readonly string[]): Buffer {
  const noId = Buffer.alloc(16);
  const items = topics.flatMap((topic) => [noId, compactText(topic), noTags]);
  // Create topics, include the authorized operations of the cluster, and of the topics.
  const flags = Buffer.of(0, 0, 1);
  return Buffer.concat([noTags, unsigned(topics.length + 1), ...items, flags, noTags]);
}

/** Decodes the answer, after the correlation id of the header. */
export function decodedMetadata(answer: Buffer): TopicMetadata[] {
  const reader = new WireReader(answer);
  reader.skipTagged();
  reader.skip(4); // how long to hold back further requests
  reader.compactList(() => {
    reader.skip(4); // node
    reader.compactText(); // host
    reader.skip(4); // port
    reader.compactText(); // rack
    reader.skipTagged();
  });
  reader.compactText(); // the cluster's id
  reader.skip(4); // the controller
  return reader.compactList(() => topicIn(reader));
}

function topicIn(reader: WireReader): TopicMetadata {
  const error = reader.int16();
  const topic = reader.compactText() ?? '';
  const id = reader.take(16).toString('base64url');
  reader.skip(1); // whether it is the cluster's own
  const partitions = reader.compactList(() => {
    reader.skip(2 + 4 + 4 + 4); // error, number, leader, its epoch
    for (const _ of ['replicas', 'those in sync', 'those offline']) reader.compactList(() => reader.skip(4));
    reader.skipTagged();
  });
  const operations = reader.int32();
  reader.skipTagged();
  // Who sees a topic may describe it: otherwise the broker has not filled in the operations.
  const may = (code: number) => ((operations & describing) === 0 ? undefined : (operations & code) !== 0);
  return { topic, error, id, partitions: partitions.length, mayRead: may(reading), mayWrite: may(writing) };
}

/** Operations that a user may be authorized for: a bit each, by the codes of Kafka. */
const [reading, writing, describing] = [1 << 3, 1 << 4, 1 << 8];
