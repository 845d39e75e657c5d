import type { Check } from './check.js';
import { ConformanceReading, ConformanceResult } from './conformance-classes.js';
import { connectWriter, positionsOf, readBatches, resultsOf, valuesOf } from './conformance-run.js';
import { expectEqual, expectThat } from './expectations.js';

const outputs = [ConformanceResult];

/** The guarantees of a reader whose values are gone once a commit has acknowledged them. In any order. */
export const acknowledgingChecks: readonly Check[] = [
  {
    name: 'a reader returns all values, each once, then the end',
    async run({ make }) {
      const values = valuesOf(250);
      const subject = await make([{ message: ConformanceReading, values }], outputs);
      const { connection, lane, writer } = await connectWriter(subject.broker);
      const given: unknown[] = [];
      const reader = await lane.openReader(0, undefined);
      for (let end = false; !end; ) {
        const batch = await reader.read();
        given.push(...batch.values);
        end = batch.end;
        await writer.flush();
        const below = (positionsOf(batch).at(-1) ?? batch.first - 1) + 1;
        await lane.commit('{}', { positions: [below], marks: [undefined], ended: false });
      }
      await reader.close();
      await connection.close();
      expectEqual(inOrder(given), values, 'the values read');
    },
  },
  {
    name: 'what a commit covers is not read again after a crash, and all else is',
    async run({ make }) {
      const values = valuesOf(50);
      const subject = await make([{ message: ConformanceReading, values }], outputs);
      const first = await connectWriter(subject.broker);
      const reader = await first.lane.openReader(0, undefined);
      const [batch] = await readBatches(reader, 20);
      expectThat(batch !== undefined && batch.values.length >= 2, 'the first batch has fewer than two values');
      const done = Math.floor(batch.values.length / 2);
      const position = positionsOf(batch)[done] as number;
      const mark = batch.markAt?.(done) ?? batch.mark;
      await first.writer.write(0, resultsOf(0, done));
      await first.writer.flush();
      await first.lane.commit('{"done":"half"}', { positions: [position], marks: [mark], ended: false });

      const second = await connectWriter(await subject.restart());
      const again = await second.lane.openReader(0, JSON.parse(JSON.stringify(mark)));
      const rest: unknown[] = [];
      for (let end = false; !end; ) {
        const next = await again.read();
        rest.push(...next.values);
        end = next.end;
        const below = (positionsOf(next).at(-1) ?? next.first - 1) + 1;
        await second.writer.flush();
        await second.lane.commit('{}', { positions: [below], marks: [undefined], ended: false });
      }
      expectEqual(inOrder([...batch.values.slice(0, done), ...rest]), values, 'the values of both runs');
      await again.close();
      await second.connection.close();
    },
  },
];

function inOrder(values: readonly unknown[]): unknown[] {
  return [...(values as { index: number }[])].sort((a, b) => a.index - b.index);
}
