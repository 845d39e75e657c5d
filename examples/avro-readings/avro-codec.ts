import { Type } from 'avsc';
import type { StreamCodec } from 'watermill';
import { Reading } from './messages.js';

const schema = Type.forSchema({
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'sensor', type: 'string' },
    { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'celsius', type: ['null', 'double'], default: null },
  ],
});

/**
 * Decodes bytes into fields, which are checked by the class like every other message. With Kafka, add it to the topic's
 * entry.
 */
export const avroReading = {
  raw: true,
  deserializer: (bytes: Uint8Array) => {
    const { sensor, time, celsius } = schema.fromBuffer(Buffer.from(bytes));
    return { sensor, time: new Date(time), celsius: celsius };
  },
} satisfies StreamCodec<Reading>;

export function encode({ sensor, time, celsius }: Reading): Buffer {
  return schema.toBuffer({ sensor, time: time.getTime(), celsius });
}
