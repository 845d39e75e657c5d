import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Digest } from './support/digest.js';
import { First, Fourth, Keyed, keyed, Runs, Second, Third } from './support/keyed.js';
import { timed } from './support/timed.js';

/**
 * A join with uneven sizes; a size counts the elements of its longest stream. Elements are created as they are read and
 * results are only added to a digest, so that memory shows the elements held by the join.
 */
interface Skewed {
  readonly name: string;
  readonly size: number;
  readonly ours: (size: number) => Promise<Digest>;
  readonly byHand: (size: number) => Digest;
}

const groups: Skewed = {
  name: 'skew groups of 100,000',
  size: 1_000_000,
  ours: (size) => joinedPair(keyed(Keyed, size / 10_000, 10), keyed(First, size, 100_000)),
  byHand: (size) => pairByHand(keyed(Keyed, size / 10_000, 10), keyed(First, size, 100_000)),
};

const oneToThousand: Skewed = {
  name: 'skew 1 : 1,000',
  size: 1_000_000,
  ours: (size) => joinedPair(keyed(Keyed, size / 1_000, 1), keyed(First, size, 1_000)),
  byHand: (size) => pairByHand(keyed(Keyed, size / 1_000, 1), keyed(First, size, 1_000)),
};

const depth: Skewed = {
  name: 'skew depth 4',
  size: 400_000,
  ours: joinedTree,
  byHand: treeByHand,
};

/**
 * For each shape: compared with a hand-written loop, and four times the input with once: cost and memory must not grow.
 */
export const measures: readonly Measure[] = [groups, oneToThousand, depth].flatMap((skewed) => [
  {
    name: skewed.name,
    size: skewed.size,
    reps: 3,
    ours: { run: ({ size }: Work) => timed(() => skewed.ours(size), String) },
    reference: { run: async ({ size }: Work) => timed(() => skewed.byHand(size), String) },
    metrics: [{ unit: 'elements/s' as const }, { suffix: 'memory', unit: 'MB resident' as const }],
  },
  {
    name: `${skewed.name}, four times the input`,
    size: skewed.size,
    reps: 3,
    ours: { run: (work: Work) => checked(skewed, work), times: 4 },
    reference: { run: (work: Work) => checked(skewed, work) },
    metrics: [
      { unit: 'ns/element' as const, target: { ratioAtMost: 1.2 } },
      { suffix: 'memory', unit: 'MB resident' as const, target: { ratioAtMost: 1.1 } },
    ],
  },
]);

async function checked({ ours, byHand }: Skewed, { size }: Work): Promise<Outcome> {
  const outcome = await timed(() => ours(size), String);
  return { ...outcome, expected: String(byHand(size)) };
}

/** Reads only the ends of a group: the bench measures how groups are built, not how they are read. */
function addEnds(digest: Digest, master: Keyed, group: readonly Keyed[]): void {
  digest.add(master.key);
  digest.add(group.length);
  digest.add(group[0]!.value + group[group.length - 1]!.value);
}

async function joinedPair(masters: Iterable<Keyed>, children: Iterable<First>): Promise<Digest> {
  const digest = new Digest();
  const broker = new MemoryMessageBroker([
    [Keyed, masters],
    [First, children],
  ]);
  const tree = joinStreams(Keyed, joinWith(First, { left: field(Keyed, 'key'), right: field(First, 'key') }));
  const process = processFunction(tree, { emits: [] }, (master, first) => addEnds(digest, master, first.of(master)));
  await new WaterMill({ process, broker }).run();
  return digest;
}

function pairByHand(masters: Iterable<Keyed>, children: Iterable<First>): Digest {
  const digest = new Digest();
  const runs = new Runs(children);
  let group: First[] = [];
  let groupKey = Number.NaN;
  for (const master of masters) {
    if (master.key !== groupKey) group = runs.at(master.key);
    groupKey = master.key;
    if (group.length === 0) continue;
    const joined = new Map<Keyed, First[]>();
    joined.set(master, group);
    addEnds(digest, master, joined.get(master)!);
  }
  return digest;
}

/** A chain of four edges, one element of each node but the last, which has two, for every master element. */
async function joinedTree(size: number): Promise<Digest> {
  const digest = new Digest();
  const broker = new MemoryMessageBroker([
    [Keyed, keyed(Keyed, size / 2, 1)],
    [First, keyed(First, size / 2, 1)],
    [Second, keyed(Second, size / 2, 1)],
    [Third, keyed(Third, size / 2, 1)],
    [Fourth, keyed(Fourth, size, 2)],
  ]);
  const third = joinStreams(Third, joinWith(Fourth, { left: field(Third, 'key'), right: field(Fourth, 'key') }));
  const second = joinStreams(Second, joinWith(third, { left: field(Second, 'key'), right: field(Third, 'key') }));
  const first = joinStreams(First, joinWith(second, { left: field(First, 'key'), right: field(Second, 'key') }));
  const tree = joinStreams(Keyed, joinWith(first, { left: field(Keyed, 'key'), right: field(First, 'key') }));
  const process = processFunction(tree, { emits: [] }, (...groups) => addSumBelow(digest, ...groups));
  await new WaterMill({ process, broker }).run();
  return digest;
}

function treeByHand(size: number): Digest {
  const digest = new Digest();
  const levels = [
    new Runs(keyed(First, size / 2, 1)),
    new Runs(keyed(Second, size / 2, 1)),
    new Runs(keyed(Third, size / 2, 1)),
    new Runs(keyed(Fourth, size, 2)),
  ] as const;
  for (const master of keyed(Keyed, size / 2, 1)) {
    const [firsts, seconds, thirds, fourths] = [
      levels[0].at(master.key),
      levels[1].at(master.key),
      levels[2].at(master.key),
      levels[3].at(master.key),
    ];
    if (firsts.length * seconds.length * thirds.length * fourths.length === 0) continue;
    const first = new Map<Keyed, First[]>().set(master, firsts);
    const second = new Map<First, Second[]>();
    for (const element of firsts) second.set(element, seconds);
    const third = new Map<Second, Third[]>();
    for (const element of seconds) third.set(element, thirds);
    const fourth = new Map<Third, Fourth[]>();
    for (const element of thirds) fourth.set(element, fourths);
    addSumBelow(digest, master, first, second, third, fourth);
  }
  return digest;
}

function addSumBelow(
  digest: Digest,
  master: Keyed,
  first: Map<Keyed, First[]>,
  second: Map<First, Second[]>,
  third: Map<Second, Third[]>,
  fourth: Map<Third, Fourth[]>,
): void {
  let count = 0;
  let sum = 0;
  for (const one of first.get(master)!) {
    for (const two of second.get(one)!) {
      for (const three of third.get(two)!) {
        for (const four of fourth.get(three)!) {
          count++;
          sum += four.value;
        }
      }
    }
  }
  digest.add(master.key);
  digest.add(count);
  digest.add(sum);
}
