import type { Broker, Connection } from '../brokers/broker.js';
import { acknowledgingChecks } from './acknowledging-checks.js';
import type { Check } from './check.js';
import type { ConformanceHarness, ConformanceSubject } from './conformance-harness.js';
import { failingChecks } from './failing-checks.js';
import { readingChecks } from './reading-checks.js';
import { tableChecks } from './table-checks.js';
import { writingChecks } from './writing-checks.js';

/** A check of one broker: `run` rejects with a message if the broker violates the protocol. */
export interface ConformanceCheck {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * The checks that every broker must pass, for any test runner. They verify the protocol that the comments of `Broker`
 * and the interfaces below it describe; abilities are checked if the broker declares them.
 *
 * @example
 * ```ts no-run
 * import { brokerConformance } from 'watermill/conformance';
 *
 * for (const { name, run } of brokerConformance(harness)) test(name, run);
 * ```
 */
export function brokerConformance(harness: ConformanceHarness): readonly ConformanceCheck[] {
  const reading = harness.takesOnce ? acknowledgingChecks : readingChecks;
  const writing = writingChecks.filter(({ rereads }) => harness.takesOnce !== true || rereads !== true);
  const checks = [...reading, ...(harness.breaks ? failingChecks : []), ...writing, ...tableChecks];
  return checks.map(({ name, run }) => ({ name, run: () => runAndDispose(harness, run) }));
}

async function runAndDispose(harness: ConformanceHarness, run: Check['run']): Promise<void> {
  const made: ConformanceSubject[] = [];
  const opened: Connection[] = [];
  const recording: ConformanceHarness = {
    ...harness,
    async make(streams, outputs) {
      const subject = await harness.make(streams, outputs);
      made.push(subject);
      return {
        broker: recordingBroker(subject.broker, opened),
        restart: async () => recordingBroker(await subject.restart(), opened),
        written: (message) => subject.written(message),
        ended: (message) => subject.ended(message),
      };
    },
  };
  try {
    await run(recording);
  } finally {
    // A killed process closes nothing, so a check leaves such connections open; they are closed here.
    for (const connection of opened) await connection.close().catch(() => {});
    for (const subject of made) await subject.dispose?.();
  }
}

function recordingBroker(broker: Broker, opened: Connection[]): Broker {
  return {
    name: broker.name,
    abilities: broker.abilities,
    timeouts: broker.timeouts,
    streamOf: (message) => broker.streamOf(message),
    async connect(request) {
      const connection = await broker.connect(request);
      opened.push(connection);
      return connection;
    },
  };
}
