import path from 'node:path';
import { processFunction, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import type { Measure, Outcome, Work } from './support/bench.js';
import { inStreams } from './support/kafka-in-streams.js';
import { brokers, filledTopic, freshName } from './support/kafka-topics.js';
import { timed } from './support/timed.js';
import { countingIn, nameOf, PageView, VisitsByUser } from './support/visits.js';

const users = 100_000;

/**
 * The counts of `table` over a topic, exactly once; compared with the same mill without the table, and with Kafka
 * Streams.
 */
export const measures: readonly Measure[] = [
  {
    name: 'table-kafka',
    size: 5_000_000,
    reps: 1,
    ours: { run: (work) => run(work, counted) },
    reference: { run: (work) => run(work, seen) },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.6 } },
      { suffix: 'CPU', unit: 'elements/CPU s', target: { ratioAtLeast: 0.6 } },
    ],
  },
  {
    name: 'table-kafka streams',
    size: 5_000_000,
    reps: 1,
    ours: { run: (work) => run(work, counted) },
    reference: { run: countedInStreams },
    metrics: [
      { unit: 'elements/CPU s', target: { ratioAtLeast: 1 } },
      { suffix: 'throughput', unit: 'elements/s' },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
];

/** Counts by the keys of the records, so that values are not read and no repartition topic is needed. */
async function countedInStreams({ size, folder }: Work): Promise<Outcome> {
  const id = freshName('streams');
  return inStreams('StreamsCount', await viewsTopic(size), id, String(size), path.join(folder, id));
}

function viewsTopic(size: number): Promise<string> {
  return filledTopic('views', 1, size, (at) => {
    const user = nameOf((at * 7_919) % users);
    return { key: user, value: JSON.stringify({ at, user }) };
  });
}

async function run({ size }: Work, through: (broker: KafkaMessageBroker) => Promise<number>): Promise<Outcome> {
  const topic = await viewsTopic(size);
  const group = freshName('mill');
  const broker = new KafkaMessageBroker({
    brokers,
    group,
    guarantee: 'exactly-once',
    maxWaitMs: 50,
    createTopics: true,
    topics: [[PageView, topic]],
  });
  return timed(
    () => through(broker),
    (views) => `${views}`,
  );
}

async function counted(broker: KafkaMessageBroker): Promise<number> {
  const mill = new WaterMill({ process: countingIn(VisitsByUser), broker });
  await mill.run();
  let views = 0;
  for (const { count } of mill.table(VisitsByUser).range()) views += count;
  return views;
}

async function seen(broker: KafkaMessageBroker): Promise<number> {
  let views = 0;
  const process = processFunction(PageView, {}, (view) => {
    if (view.user !== '') views++;
  });
  await new WaterMill({ process, broker }).run();
  return views;
}
