import type { StreamReader } from '../brokers/broker.js';
import type { Check } from './check.js';
import { ConformanceOther, ConformanceReading } from './conformance-classes.js';
import { connect, manyValues, positionsOf, readBatches, valuesIn, valuesOf } from './conformance-run.js';
import { expectEqual, expectThat } from './expectations.js';

/** The guarantees of a reader. */
export const readingChecks: readonly Check[] = [
  {
    name: 'a reader returns all values in order, then the end, once',
    async run({ make }) {
      const values = valuesOf(manyValues);
      const { broker } = await make([{ message: ConformanceReading, values }], []);
      const { connection, lane } = await connect(broker);
      const batches = await readBatches(await lane.openReader(0, undefined));
      expectEqual(valuesIn(batches), values, 'the values read');
      expectEqual(
        batches.map(({ end }) => end).indexOf(true),
        batches.length - 1,
        'the index of the batch that ends the stream',
      );
      await connection.close();
    },
  },
  {
    name: 'a class without a stream is no error',
    async run({ make }) {
      const { broker } = await make([{ message: ConformanceReading, values: [] }], []);
      for (const unknown of [ConformanceOther, class Unknown {}]) {
        const entry = broker.streamOf(unknown);
        expectThat(entry === undefined || entry.label !== '', `the stream of ${unknown.name} has no label`);
      }
      const [one, same] = [broker.streamOf(ConformanceReading), broker.streamOf(ConformanceReading)];
      expectThat(one !== undefined, 'the class of a stream has no entry');
      expectEqual([same?.label, same?.id], [one.label, one.id], 'the label and the id of a stream asked for twice');
    },
  },
  {
    name: 'an empty stream ends without a value',
    async run({ make }) {
      const { broker } = await make([{ message: ConformanceReading, values: [] }], []);
      const { connection, lane } = await connect(broker);
      expectEqual(valuesIn(await readBatches(await lane.openReader(0, undefined))), [], 'the values read');
      await connection.close();
    },
  },
  {
    name: 'positions increase within and across batches',
    async run({ make }) {
      const { broker } = await make([{ message: ConformanceReading, values: valuesOf(manyValues) }], []);
      const { connection, lane } = await connect(broker);
      const positions = (await readBatches(await lane.openReader(0, undefined))).flatMap(positionsOf);
      for (let i = 1; i < positions.length; i++) {
        expectThat(positions[i]! > positions[i - 1]!, `position ${positions[i]} follows ${positions[i - 1]}`);
      }
      await connection.close();
    },
  },
  {
    name: 'every mark opens the stream where its batch began, also after JSON and a restart',
    async run({ make }) {
      const values = valuesOf(manyValues);
      const subject = await make([{ message: ConformanceReading, values }], []);
      const first = await connect(subject.broker);
      const batches = await readBatches(await first.lane.openReader(0, undefined));
      await first.connection.close();
      const { connection, lane } = await connect(await subject.restart());
      let passed = 0;
      for (const { mark, values: given, first: position } of batches) {
        const reader = await lane.openReader(0, JSON.parse(JSON.stringify(mark)));
        const again = await readBatches(reader, given.length || 1);
        await reader.close();
        if (given.length > 0) {
          expectEqual(
            again.find((batch) => batch.values.length > 0)?.first,
            position,
            'the first position after a mark',
          );
          expectEqual(
            valuesIn(again).slice(0, given.length),
            values.slice(passed, passed + given.length),
            'the values after a mark',
          );
        }
        passed += given.length;
      }
      await connection.close();
    },
  },
  {
    name: 'every mark of a value opens the stream there, where a batch has them',
    async run({ make }) {
      const values = valuesOf(manyValues);
      const subject = await make([{ message: ConformanceReading, values }], []);
      const first = await connect(subject.broker);
      const reader = await first.lane.openReader(0, undefined);
      const batch = (await readBatches(reader, 1)).at(-1)!;
      const count = batch.values.length;
      const marks = [1, Math.ceil(count / 2), count].map((index) => [index, batch.markAt?.(index)] as const);
      await first.connection.close();
      if (batch.markAt === undefined) return;
      const { connection, lane } = await connect(await subject.restart());
      for (const [index, mark] of marks) {
        const again = await lane.openReader(0, JSON.parse(JSON.stringify(mark)));
        const next = (await readBatches(again, 1)).at(-1)!;
        await again.close();
        expectEqual(next.values[0], values[index], `the value at the mark of value ${index}`);
        const position = positionsOf(batch)[index];
        if (position !== undefined) expectEqual(positionsOf(next)[0], position, 'its position');
      }
      await connection.close();
    },
  },
  {
    name: 'a batch does not change when the next ones are read',
    async run({ make }) {
      const { broker } = await make([{ message: ConformanceReading, values: valuesOf(manyValues) }], []);
      const { connection, lane } = await connect(broker);
      const reader = await lane.openReader(0, undefined);
      const first = await reader.read();
      const before = JSON.stringify(first);
      if (!first.end) await readBatches(reader);
      expectEqual(JSON.stringify(first), before, 'the first batch after the last one was read');
      await connection.close();
    },
  },
  {
    name: 'two classes are read independently of each other',
    async run({ make }) {
      const [few, many] = [valuesOf(3), valuesOf(manyValues)];
      const streams = [
        { message: ConformanceReading, values: few },
        { message: ConformanceOther, values: many },
      ];
      const { broker } = await make(streams, []);
      const { connection, lane } = await connect(broker, [ConformanceReading, ConformanceOther]);
      const readers = [await lane.openReader(0, undefined), await lane.openReader(1, undefined)] as const;
      expectEqual(valuesIn(await readBatches(readers[1])), many, 'the values of the second class');
      expectEqual(valuesIn(await readBatches(readers[0])), few, 'the values of the first class');
      await connection.close();
    },
  },
  {
    name: 'a stream of two classes has one id, and two readers have their own places',
    async run({ make }) {
      const values = valuesOf(manyValues);
      const streams = [ConformanceReading, ConformanceOther].map((message) => ({ message, values }));
      const { broker } = await make(streams, []);
      const ids = streams.map(({ message }) => broker.streamOf(message)?.id);
      expectThat(ids[0] !== undefined && ids[0] === ids[1], `the ids of one stream differ: ${ids.join(', ')}`);
      if (!broker.abilities.rereads) return;
      const { connection, lane } = await connect(broker, [ConformanceReading, ConformanceOther]);
      const [ahead, behind] = [await lane.openReader(0, undefined), await lane.openReader(1, undefined)];
      expectEqual(valuesIn(await readBatches(ahead)), values, 'the values of the reader that is ahead');
      expectEqual(valuesIn(await readBatches(behind)), values, 'the values of the reader that is behind');
      await connection.close();
    },
  },
  {
    name: 'a reader may be closed while a read is pending, and more than once',
    async run({ make }) {
      const { broker } = await make([{ message: ConformanceReading, values: valuesOf(manyValues) }], []);
      const { connection, lane } = await connect(broker);
      const reader = await lane.openReader(0, undefined);
      const pending = settled(reader);
      await Promise.all([reader.close(), reader.close()]);
      await pending;
      await Promise.all([connection.close(), connection.close()]);
      await connection.close();
    },
  },
  {
    name: 'closing the connection closes its readers, also with a read pending',
    async run({ make }) {
      const { broker } = await make([{ message: ConformanceReading, values: valuesOf(manyValues) }], []);
      const { connection, lane } = await connect(broker);
      const pending = settled(await lane.openReader(0, undefined));
      await connection.close();
      await pending;
    },
  },
  {
    name: 'how much was read goes from 0 to 1, where it is known',
    async run({ make }) {
      const { broker } = await make([{ message: ConformanceReading, values: valuesOf(manyValues) }], []);
      const { connection, lane } = await connect(broker);
      const reader = await lane.openReader(0, undefined);
      let last = 0;
      for (let batches = 0; ; batches++) {
        const { end } = await reader.read();
        const fraction = reader.fraction?.() ?? last;
        expectThat(fraction >= last && fraction <= 1, `the fraction went from ${last} to ${fraction}`);
        last = fraction;
        if (end) break;
        expectThat(batches < manyValues, 'a reader returned batch after batch without an end');
      }
      expectThat(reader.fraction?.() === undefined || last === 1, `the fraction at the end is ${last}`);
      await connection.close();
    },
  },
];

/** Waits for the outcome of an abandoned read: whatever it is, it must come. */
async function settled(reader: StreamReader): Promise<void> {
  try {
    await reader.read();
  } catch {
    // A pending read may reject when the reader is closed; its outcome is ignored.
  }
}
