import { WaterMill, WaterMillError } from 'watermill';
import { range } from '../mill/support/model.js';
import { oracle } from '../oracle/oracle.js';
import { randomCase } from '../oracle/random-case.js';
import type { Data } from '../oracle/tree.js';
import { firstSeed, repeatBy, shareOfCases } from '../support/cases.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';
import { Call, type TreeMill, treeMill } from './support/tree-mill.js';

const cluster = new TestCluster();
/** Batch windows close by the clock. */
const windowTypes = ['expression', 'hopping', 'sliding', 'session', 'count'] as const;
const limits = { maxNodes: 4, length: 60, windowTypes: [...windowTypes] };
const quickCases = 2;

const kinds = guarantees.flatMap((guarantee) =>
  [1, 4].flatMap((partitions) => [1, 3].map((members) => ({ guarantee, partitions, members }))),
);

/** The tree of a seed, with data for each partition; undefined if a mill refuses such a tree. */
function caseOf(seed: number, partitions: number) {
  const { root, data } = randomCase(seed, limits);
  // The same tree, since limits and seed are the same: only the data differ.
  const all = [data, ...range(partitions - 1, 1).map((i) => randomCase(seed, { ...limits, length: 60 + i }).data)];
  // As read back from a topic.
  const datas = all.map((each) => JSON.parse(JSON.stringify(each)) as Data);
  try {
    return { root, datas, mill: treeMill(root) };
  } catch (error) {
    if (error instanceof WaterMillError) return undefined;
    throw error;
  }
}

/**
 * Returns whether these are the results, each once, possibly repeated from an earlier point: the guarantee of at least
 * once.
 */
function areRepeated(found: readonly string[], expected: readonly string[]): boolean {
  let places = new Set([0]);
  for (const result of found) {
    const last = Math.max(...places);
    places = new Set(range(last + 1).flatMap((place) => (expected[place] === result ? [place + 1] : [])));
    if (places.size === 0) return false;
  }
  return places.has(expected.length);
}

describeOnKafka('random trees over Kafka give what the oracle says', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  async function fill(mill: TreeMill, datas: readonly Data[]) {
    const partitions = datas.length;
    const topics = await Promise.all(
      [...mill.classes].map(async ([name, message]) => {
        const topic = await cluster.topic(partitions);
        for (const partition of range(partitions)) {
          await cluster.write(topic, (datas[partition] as Data)[name] as object[], partition);
        }
        await cluster.end(topic, partitions);
        return [message, topic] as const;
      }),
    );
    return [...topics, [Call, await cluster.topic(partitions)] as const] as const;
  }

  it.each(kinds)('$guarantee, $partitions partitions, $members members', async ({ guarantee, partitions, members }) => {
    const count = shareOfCases(quickCases, kinds.length);
    let [seed, results] = [firstSeed(), 0];
    for (let done = 0; done < count; seed++) {
      const made = caseOf(seed, partitions);
      if (made === undefined) continue;
      done++;
      const { root, datas, mill } = made;
      const topics = await fill(mill, datas);
      const group = uniqueName('group');
      const runs = range(members).map(() => {
        const broker = kafkaBroker(topics, { group, guarantee });
        return new WaterMill({
          process: mill.process,
          broker,
          inputs: mill.inputs,
          commitEvery: { elements: 10 },
        }).run();
      });
      await Promise.all(runs);
      const records = await cluster.readEnded((topics.at(-1) as (typeof topics)[number])[1], partitions);
      for (const [partition, data] of datas.entries()) {
        const own = records.filter((record) => record.partition === partition);
        expect(own.map(({ isEnd }) => isEnd).indexOf(true)).toBe(own.length - 1);
        const found = own.slice(0, -1).map(({ value }) => JSON.parse(value as string).text as string);
        const expected = oracle(root, data).calls.map((call) => JSON.stringify(call));
        results += expected.length;
        const isRight =
          guarantee === 'exactly-once' || members === 1
            ? found.join('\n') === expected.join('\n')
            : areRepeated(found, expected);
        if (!isRight) {
          throw new Error(
            `seed ${seed}, partition ${partition}: ${JSON.stringify({ root, data, found, expected })}\n` +
              `To see it again: ${repeatBy(seed)} spec/kafka/oracle`,
          );
        }
      }
    }
    if (count >= quickCases) expect(results).toBeGreaterThan(0);
    console.info(`${guarantee}, ${partitions} partitions, ${members} members: ${count} trees, ${results} results`);
  });
});
