import { WaterMillError } from '../base/watermill-error.js';
import type { Check } from './check.js';
import { ConformanceReading } from './conformance-classes.js';
import { connect, manyValues, valuesOf } from './conformance-run.js';
import { expectEqual, expectThat } from './expectations.js';

/** The behavior for a stream that is unreadable after some place. For a harness with `breaks`. */
export const failingChecks: readonly Check[] = [
  {
    name: 'what cannot be read rejects with stream and position, after everything before it was returned',
    async run({ make }) {
      const values = valuesOf(2_500);
      const { broker } = await make([{ message: ConformanceReading, values, broken: true }], []);
      const { connection, lane } = await connect(broker);
      const reader = await lane.openReader(0, undefined);
      const given: unknown[] = [];
      const error = await failureOf(async () => {
        for (let batches = 0; batches < manyValues; batches++) {
          const batch = await reader.read();
          given.push(...batch.values);
          if (batch.end) break;
        }
      });
      expectThat(
        error instanceof WaterMillError,
        `a broken stream rejected with ${String(error)}, not a WaterMillError`,
      );
      expectEqual(given, values, 'the values before the broken place');
      expectThat(error.details.stream !== undefined, 'details.stream of the error is missing');
      expectEqual(error.details.position, values.length, 'details.position of the error');
      await connection.close();
    },
  },
];

async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return 'no error';
  } catch (error) {
    return error;
  }
}
