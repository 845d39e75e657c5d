import { message } from '../messages/index.js';
import type { Check } from './check.js';
import { ConformanceOther, ConformanceReading, ConformanceResult } from './conformance-classes.js';
import { commit, connect, connectWriter, readBatches, resultsOf, valuesIn, valuesOf } from './conformance-run.js';
import { expectEqual, expectThat } from './expectations.js';

const streams = [{ message: ConformanceReading, values: valuesOf(10) }];
const outputs = [ConformanceResult];

/** The guarantees of a writer, also across a crash. */
export const writingChecks: readonly Check[] = [
  {
    name: 'results are read back in order, with one end mark',
    async run({ make }) {
      const subject = await make(streams, outputs);
      const { connection, lane, writer } = await connectWriter(subject.broker);
      for (let from = 0; from < 5_000; from += 500) await writer.write(0, resultsOf(from, from + 500));
      await writer.end();
      await commit(lane, writer, 'ended');
      await writer.publish();
      await writer.close();
      await connection.close();
      expectEqual(await subject.written(ConformanceResult), valuesOf(5_000), 'the results');
      expectThat(await subject.ended(ConformanceResult), 'the results have no end mark');
    },
  },
  {
    name: 'results that are taken before they are written are those of the moment in which they were taken',
    async run({ make }) {
      const subject = await make(streams, outputs);
      const { connection, lane, writer } = await connectWriter(subject.broker);
      const take = writer.takerOf?.(0);
      await writer.write(0, resultsOf(0, 10));
      if (take === undefined) await writer.write(0, resultsOf(10, 700));
      else {
        expectThat(writer.writeTaken !== undefined, 'the writer has takerOf without writeTaken');
        for (let from = 10; from < 700; from += 345) {
          const elements = resultsOf(from, from + 345);
          const taken = elements.map((element) => {
            const each = take(element);
            Object.assign(element, { index: -1, text: 'changed later' });
            return each;
          });
          await writer.writeTaken(0, taken);
        }
      }
      await writer.write(0, resultsOf(700, 750));
      await writer.end();
      await commit(lane, writer, 'ended');
      await writer.publish();
      await connection.close();
      expectEqual(await subject.written(ConformanceResult), valuesOf(750), 'the results');
    },
  },
  {
    name: 'results of two classes are written to their own outputs',
    async run({ make }) {
      const both = [ConformanceResult, ConformanceOther];
      const subject = await make(streams, both);
      const { connection, lane, writer } = await connectWriter(subject.broker, both);
      for (let from = 0; from < 100; from += 10) {
        await writer.write(
          1,
          valuesOf(from + 5)
            .slice(from)
            .map((value) => message(ConformanceOther, value)),
        );
        await writer.write(0, resultsOf(from, from + 10));
      }
      await writer.end();
      await commit(lane, writer, 'ended');
      await writer.publish();
      await writer.close();
      await lane.release?.();
      await connection.close();
      expectEqual(await subject.written(ConformanceResult), valuesOf(100), 'the results of the first class');
      const others = valuesOf(100).filter(({ index }) => index % 10 < 5);
      expectEqual(await subject.written(ConformanceOther), others, 'the results of the second class');
      for (const each of both) expectThat(await subject.ended(each), `the results of ${each.name} have no end mark`);
    },
  },
  {
    name: 'a run without results writes an empty list with an end mark',
    async run({ make }) {
      const subject = await make(streams, outputs);
      const { connection, lane, writer } = await connectWriter(subject.broker);
      await writer.end();
      await commit(lane, writer, 'ended');
      await writer.publish();
      await connection.close();
      expectEqual(await subject.written(ConformanceResult), [], 'the results');
      expectThat(await subject.ended(ConformanceResult), 'the results have no end mark');
    },
  },
  {
    name: 'results that are closed without an end have no end mark',
    async run({ make }) {
      const subject = await make(streams, outputs);
      const { connection, lane, writer } = await connectWriter(subject.broker);
      await writer.write(0, resultsOf(0, 10));
      await commit(lane, writer, 'ten');
      await writer.close();
      await lane.release?.();
      await connection.close();
      expectThat(!(await subject.ended(ConformanceResult)), 'the results have an end mark');
    },
  },
  {
    name: 'the writer and the connection may be closed more than once, in any order',
    async run({ make }) {
      const { broker } = await make(streams, outputs);
      const { connection, writer } = await connectWriter(broker);
      await writer.write(0, resultsOf(0, 3));
      await connection.close();
      await Promise.all([writer.close(), writer.close(), connection.close()]);
    },
  },
  {
    name: 'the last commit is found by the next run, where the broker remembers',
    async run({ make }) {
      const subject = await make(streams, outputs);
      const first = await connectWriter(subject.broker);
      expectEqual(first.lane.committed, undefined, 'what a first run finds committed');
      await commit(first.lane, first.writer, 'one');
      const last = await commit(first.lane, first.writer, 'two: é " \\ \n');
      const second = await connect(await subject.restart(), [ConformanceReading], outputs);
      expectEqual(second.lane.committed, subject.broker.abilities.remembers ? last : undefined, 'what was committed');
      await second.connection.close();
    },
  },
  {
    name: 'a long commit is kept whole, or refused before it is made',
    async run({ make }) {
      const subject = await make(streams, outputs);
      const { lane, writer } = await connectWriter(subject.broker);
      const long = 'é"\\\n'.repeat(25_000);
      try {
        lane.check?.(JSON.stringify({ done: long }));
      } catch {
        return;
      }
      const text = await commit(lane, writer, long);
      const next = await connect(await subject.restart(), [ConformanceReading], outputs);
      if (subject.broker.abilities.remembers) expectEqual(next.lane.committed, text, 'what was committed');
      await next.connection.close();
    },
  },
  {
    name: 'results after the last commit are undone or written again, never lost and never doubled',
    async run({ make }) {
      const subject = await make(streams, outputs);
      if (!subject.broker.abilities.remembers) return;
      const first = await connectWriter(subject.broker);
      await first.writer.write(0, resultsOf(0, 1_500));
      await commit(first.lane, first.writer, 'half');
      await first.writer.write(0, resultsOf(1_500, 4_000));
      await first.writer.flush();
      const second = await connectWriter(await subject.restart());
      await second.writer.write(0, resultsOf(1_500, 3_000));
      await second.writer.end();
      await commit(second.lane, second.writer, 'ended');
      await second.writer.publish();
      await second.connection.close();
      expectEqual(await subject.written(ConformanceResult), valuesOf(3_000), 'the results');
    },
  },
  {
    name: 'a lane that starts over reads everything again, and its results stand alone or follow the previous ones',
    rereads: true,
    async run({ make }) {
      const subject = await make(streams, outputs);
      if (!subject.broker.abilities.remembers) return;
      const first = await connectWriter(subject.broker);
      await first.writer.write(0, resultsOf(0, 1_500));
      await commit(first.lane, first.writer, 'half', 5);
      const { connection, lane } = await connect(await subject.restart(), [ConformanceReading], outputs);
      await lane.restart?.();
      const writer = await connection.openWriter(lane.name, undefined);
      const values = valuesIn(await readBatches(await lane.openReader(0, undefined)));
      expectEqual(values, valuesOf(10), 'the values read again');
      await writer.write(0, resultsOf(0, 20));
      await writer.end();
      const last = await commit(lane, writer, 'ended');
      await writer.publish();
      await connection.close();
      const written = await subject.written(ConformanceResult);
      const former = written.length === 20 ? [] : valuesOf(1_500);
      expectEqual(written, [...former, ...valuesOf(20)], 'the results');
      const next = await connect(await subject.restart(), [ConformanceReading], outputs);
      expectEqual(next.lane.committed, last, 'what was committed');
      await next.connection.close();
    },
  },
  {
    name: 'an end that was not committed is undone',
    async run({ make }) {
      const subject = await make(streams, outputs);
      if (!subject.broker.abilities.remembers) return;
      const first = await connectWriter(subject.broker);
      await first.writer.write(0, resultsOf(0, 10));
      await commit(first.lane, first.writer, 'ten');
      await first.writer.end();
      await first.writer.flush();
      const second = await connectWriter(await subject.restart());
      await second.writer.write(0, resultsOf(10, 20));
      await second.writer.end();
      await commit(second.lane, second.writer, 'ended');
      await second.writer.publish();
      await second.connection.close();
      expectEqual(await subject.written(ConformanceResult), valuesOf(20), 'the results');
    },
  },
  {
    name: 'a run that crashed between its last commit and publishing is published by the next, and again by each after it',
    async run({ make }) {
      const subject = await make(streams, outputs);
      if (!subject.broker.abilities.remembers) return;
      const first = await connectWriter(subject.broker);
      await first.writer.write(0, resultsOf(0, 10));
      await first.writer.end();
      await commit(first.lane, first.writer, 'ended');
      for (let run = 0; run < 3; run++) {
        const next = await connectWriter(await subject.restart());
        await next.writer.publish();
        if (run === 1) await next.connection.close();
        expectEqual(await subject.written(ConformanceResult), valuesOf(10), 'the results');
        expectThat(await subject.ended(ConformanceResult), 'the results have no end mark');
      }
    },
  },
];
