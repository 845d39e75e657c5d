import { systemClock } from '../base/clock.js';
import { silentLogger } from '../base/logger.js';
import type { Batch } from '../brokers/batch.js';
import type { StreamEntry } from '../brokers/broker.js';
import { JsonFileMessageBroker } from '../brokers/json-file/json-file-message-broker.js';
import { Field, Message } from '../messages/index.js';
import { checkFile } from './paths.js';

/** The class for the elements of any file. Errors use this name. */
@Message()
class Elements {
  @Field(() => Object) value!: object;
}

/** The batches of the file broker for a file of JSON: arrays and NDJSON, also compressed. */
export async function* readBatches(file: string): AsyncIterable<Batch> {
  if (file !== '-') checkFile(file);
  const broker = new JsonFileMessageBroker([[Elements, file]]);
  const abort = new AbortController();
  const entry = broker.streamOf(Elements) as StreamEntry;
  const connection = await broker.connect({
    plan: '',
    inputs: [{ message: Elements, entry }],
    outputs: [],
    signal: abort.signal,
    logger: silentLogger,
    clock: systemClock,
  });
  try {
    for await (const lane of connection.lanes()) {
      const reader = await lane.openReader(0, undefined);
      for (;;) {
        const batch = await reader.read();
        yield batch;
        if (batch.end) break;
      }
      await reader.close();
    }
  } finally {
    abort.abort();
    await connection.close();
  }
}

/** The place of an element in a file: its line, or its index in an array. */
export function placeOf(batch: Batch, index: number): string {
  const line = batch.origin?.(index)?.line;
  return line === undefined ? `element ${batch.positions?.[index] ?? batch.first + index}` : `line ${line}`;
}
