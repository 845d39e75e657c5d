import { realTime } from '../../../base/real-time.js';
import { type CommittedOffset, KafkaClientError } from '../client.js';
import type { RawBroker } from './cluster.js';
import { compactText, noTags } from './records/wire-forms.js';
import { WireReader } from './records/wire-reader.js';

const offsetFetchKey = 9;
/** The first version that supports waiting for open transactions; kafkajs stops at 5. */
const offsetFetchVersion = 7;

/** Kafka's code: a transaction with offsets of the partition is open. */
const unstable = 88;
/** Kafka's codes of transient errors: also, the coordinator is loading, not available or another one. */
const passing: ReadonlySet<number> = new Set([14, 15, 16, unstable]);
const unauthorised = 30;

/** Returns whether a coordinator supports `stableOffsets`: since Kafka 2.5. */
export function supportsStableOffsets({ versions }: RawBroker): boolean {
  return (versions[offsetFetchKey]?.maxVersion ?? 0) >= offsetFetchVersion;
}

/** How often a transaction that is ending is waited for, with pauses that grow to 100 ms. */
const mostAttempts = 50;

/**
 * The committed offsets of a group for a partition, of all topics, from the group's coordinator. Rejects as interrupted
 * if a transaction with offsets of the partition is open for several seconds. A request without that option is answered
 * from replicated state, which may be out of date just after the coordinator has started.
 */
export async function stableOffsets(
  coordinator: RawBroker,
  group: string,
  partition: number,
): Promise<readonly CommittedOffset[]> {
  for (let attempt = 1; ; attempt++) {
    const found = await offsetsNow(coordinator, group, partition);
    const error = found.find((each) => each.error !== 0)?.error ?? 0;
    if (error !== unstable || attempt === mostAttempts) check(error, group);
    if (error === 0) return found.filter(({ offset }) => offset >= 0);
    await realTime.sleep(Math.min(100, attempt * 5));
  }
}

function offsetsNow(coordinator: RawBroker, group: string, partition: number): Promise<readonly FoundOffset[]> {
  // For all topics, which is a null list; and stable offsets only.
  const buffer = Buffer.concat([noTags, compactText(group), Buffer.of(0), Buffer.of(1), noTags]);
  return coordinator.connectionPool.send({
    request: {
      apiKey: offsetFetchKey,
      apiVersion: offsetFetchVersion,
      apiName: 'OffsetFetch',
      encode: async () => ({ buf: buffer, buffer }),
    },
    response: {
      decode: async (answer) => {
        const { error, offsets } = decoded(answer);
        check(error, group);
        return offsets.filter((entry) => entry.partition === partition);
      },
      parse: async (offsets) => offsets,
    },
  });
}

interface FoundOffset extends CommittedOffset {
  readonly error: number;
}

/** Decodes the answer, after the correlation id of the header. */
function decoded(answer: Buffer): { readonly error: number; readonly offsets: readonly FoundOffset[] } {
  const reader = new WireReader(answer);
  reader.skipTagged();
  reader.skip(4); // how long to hold back further requests
  const offsets = reader.compactList(() => {
    const topic = reader.compactText() ?? '';
    const ofTopic = reader.compactList((): FoundOffset => {
      const [partition, offset] = [reader.int32(), reader.int64()];
      reader.skip(4); // the leader's epoch
      const [metadata, error] = [reader.compactText() ?? '', reader.int16()];
      reader.skipTagged();
      return { topic, partition, offset, metadata, error };
    });
    reader.skipTagged();
    return ofTopic;
  });
  return { offsets: offsets.flat(), error: reader.int16() };
}

function check(error: number, group: string): void {
  if (error === 0) return;
  const what = `what the group ${group} has committed: Kafka answers with error ${error}`;
  if (error === unauthorised) throw new KafkaClientError('unauthorised', `this user may not read ${what}`);
  throw new KafkaClientError(passing.has(error) ? 'interrupted' : 'other', what);
}
