import type { MessageClass } from '../base/class.js';
import { systemClock } from '../base/clock.js';
import type { Json } from '../base/json.js';
import { silentLogger } from '../base/logger.js';
import type { Batch } from '../brokers/batch.js';
import type { Broker, BrokerLane, Connection, LaneWriter, StreamReader } from '../brokers/broker.js';
import type { TableRequest } from '../brokers/kept-tables.js';
import { message } from '../messages/index.js';
import { ConformanceReading, ConformanceResult } from './conformance-classes.js';
import { expectThat } from './expectations.js';

/** Enough values for every broker to return several batches. */
export const manyValues = 10_000;

/** Values for a stream, all different, with characters that are difficult for some formats. */
export function valuesOf(count: number): { index: number; text: string }[] {
  const texts = ['plain', 'quoted " \\ \n', 'é 漢 😀', '},{', ''];
  return Array.from({ length: count }, (_, index) => ({ index, text: texts[index % texts.length]! }));
}

/** The same values as elements of the result class. */
export function resultsOf(from: number, to: number): ConformanceResult[] {
  return valuesOf(to)
    .slice(from)
    .map((value) => message(ConformanceResult, value));
}

/** A connection with its only lane, as opened by a mill. */
export interface Opened {
  readonly connection: Connection;
  readonly lane: BrokerLane;
}

export async function connect(
  broker: Broker,
  inputs: readonly MessageClass<any>[] = [ConformanceReading],
  outputs: readonly MessageClass<any>[] = [],
  tables?: readonly TableRequest[],
): Promise<Opened> {
  const entryOf = (cls: MessageClass<any>) =>
    broker.streamOf(cls) ?? { label: cls.name, id: `on the fly: ${cls.name}` };
  const connection = await broker.connect({
    plan: '0',
    inputs: inputs.map((cls) => ({ message: cls, entry: entryOf(cls) })),
    outputs: outputs.map((cls) => ({ message: cls, entry: entryOf(cls) })),
    ...(tables !== undefined && { tables }),
    signal: new AbortController().signal,
    logger: silentLogger,
    clock: systemClock,
  });
  for await (const lane of connection.lanes()) return { connection, lane };
  throw new Error('The connection returned no lane.');
}

/** A connection with the writer of its results, cut back to the last commit. */
export async function connectWriter(
  broker: Broker,
  outputs: readonly MessageClass<any>[] = [ConformanceResult],
): Promise<Opened & { writer: LaneWriter }> {
  const opened = await connect(broker, [ConformanceReading], outputs);
  const { lane, connection } = opened;
  const mark = lane.committed === undefined ? undefined : (JSON.parse(lane.committed) as { mark?: Json }).mark;
  return { ...opened, writer: await connection.openWriter(lane.name, mark) };
}

/** Commits like a mill: flush, then the text with the writer's mark, then what the writer kept for that. */
export async function commit(lane: BrokerLane, writer: LaneWriter, done: string, position = 0): Promise<string> {
  const mark = await writer.flush();
  const text = JSON.stringify({ done, mark });
  await lane.commit(text, { positions: [position], marks: [undefined], ended: done === 'ended' });
  await writer.committed?.();
  return text;
}

/** Reads all batches up to the end, or up to a number of values. */
export async function readBatches(reader: StreamReader, atLeast = Number.POSITIVE_INFINITY): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (let count = 0; count < atLeast; ) {
    const batch = await reader.read();
    batches.push(batch);
    count += batch.values.length;
    if (batch.end) break;
    expectThat(batches.length <= manyValues, 'a reader returned batch after batch without an end');
  }
  return batches;
}

export const valuesIn = (batches: readonly Batch[]): unknown[] => batches.flatMap(({ values }) => values);

export const positionsOf = (batch: Batch): readonly number[] =>
  batch.positions ?? batch.values.map((_, i) => batch.first + i);
