import { compactText, noTags, unsigned } from './records/wire-forms.js';
import { WireReader } from './records/wire-reader.js';

/** What a broker knows of a topic. */
export interface TopicMetadata {
  readonly topic: string;
  /** Kafka's number for what is wrong with it; 0 where nothing is. */
  readonly error: number;
  /** Another one for each topic that was ever made under the name. */
  readonly id: string;
  readonly partitions: number;
}

/** The first version with the ids of topics; kafkajs stops at 6. */
export const metadataVersion = 10;
export const metadataKey = 3;

/** A request for these topics, after the header's client id; it creates none of them. */
export function encodedMetadataRequest(topics: readonly string[]): Buffer {
  const noId = Buffer.alloc(16);
  const items = topics.flatMap((topic) => [noId, compactText(topic), noTags]);
  // Then: make topics, and tell of what one may do with the cluster, and with topics.
  const flags = Buffer.of(0, 0, 0);
  return Buffer.concat([noTags, unsigned(topics.length + 1), ...items, flags, noTags]);
}

/** The answer, after the header's correlation id. */
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
  reader.skip(4); // what one may do with it
  reader.skipTagged();
  return { topic, error, id, partitions: partitions.length };
}
