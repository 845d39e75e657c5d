import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Digest } from './support/digest.js';
import { Click, Impression } from './support/events.js';
import { timed } from './support/timed.js';

/** The keys and `on` values of the elements of both sides; a size counts the elements of one side. */
interface Skew {
  readonly name: string;
  readonly time: (i: number) => number;
  readonly left: (i: number) => number;
  readonly right: (i: number) => number;
}

const skews: readonly Skew[] = [
  { name: 'one key, a value each', time: () => 0, left: (i) => i, right: (i) => i },
  { name: 'one value, a key each', time: (i) => i, left: () => 0, right: () => 0 },
  { name: 'one key, no match', time: () => 0, left: (i) => i, right: (i) => -1 - i },
];

interface Way {
  readonly name: string;
  readonly options: object;
  readonly low: number;
  readonly high: number;
  /** Picks the matches among the clicks of one user in the band, in the order of their times. */
  readonly pick: (band: readonly Click[], time: number) => readonly Click[];
}

const all: Way['pick'] = (band) => band;
const first: Way['pick'] = (band) => band.slice(0, 1);

const ways: readonly Way[] = [
  { name: 'equal', options: {}, low: 0, high: 0, pick: all },
  { name: 'within', options: { within: [-2, 2] }, low: -2, high: 2, pick: all },
  { name: 'forward', options: { asOf: 'forward', tolerance: 1000 }, low: 0, high: 1000, pick: first },
  { name: 'nearest', options: { asOf: 'nearest', tolerance: 2 }, low: -2, high: 2, pick: nearest },
];

/**
 * For each skew: compared with a hand-written loop over a Map, and four times the input with once: the cost per element
 * must not grow.
 */
export const measures: readonly Measure[] = skews.flatMap((skew) =>
  ways.flatMap((way): Measure[] => [
    {
      name: `on, ${skew.name}, ${way.name}`,
      size: 200_000,
      reps: 3,
      ours: { run: ({ size }) => throughMill(skew, way, size) },
      reference: { run: async ({ size }) => byHand(skew, way, size) },
      metrics: [{ unit: 'elements/s' }],
    },
    {
      name: `on, ${skew.name}, ${way.name}, four times the input`,
      size: 50_000,
      reps: 3,
      ours: { run: (work) => checked(skew, way, work), times: 4 },
      reference: { run: (work) => checked(skew, way, work) },
      metrics: [{ unit: 'ns/element', target: { ratioAtMost: 1.5 } }],
    },
  ]),
);

async function throughMill(skew: Skew, way: Way, size: number): Promise<Outcome> {
  const [impressions, clicks] = [made(Impression, size, skew, 'left'), made(Click, size, skew, 'right')];
  const edge = joinWith(Click, {
    left: field(Impression, 'time'),
    right: field(Click, 'time'),
    kind: 'left',
    on: [[field(Impression, 'user'), field(Click, 'user')]],
    ...(way.options as { within: [number, number] }),
  });
  const digest = new Digest();
  const process = processFunction(joinStreams(Impression, edge), { emits: [] }, (impression, found) =>
    addTo(digest, impression, found.of(impression)),
  );
  const broker = new MemoryMessageBroker([
    [Impression, impressions],
    [Click, clicks],
  ]);
  return timed(async () => {
    await new WaterMill({ process, broker }).run();
    return digest;
  }, String);
}

async function byHand(skew: Skew, way: Way, size: number): Promise<Outcome> {
  const [impressions, clicks] = [made(Impression, size, skew, 'left'), made(Click, size, skew, 'right')];
  return timed(() => joinedByHand(impressions, clicks, way), String);
}

async function checked(skew: Skew, way: Way, { size }: Work): Promise<Outcome> {
  const ours = await throughMill(skew, way, size);
  return { ...ours, expected: (await byHand(skew, way, size)).digest };
}

function made<T extends Impression>(message: new () => T, size: number, skew: Skew, side: 'left' | 'right'): T[] {
  return Array.from({ length: size }, (_, i) => {
    const event = new message();
    event.time = skew.time(i);
    event.user = skew[side](i);
    return event;
  });
}

function joinedByHand(impressions: readonly Impression[], clicks: readonly Click[], way: Way): Digest {
  const digest = new Digest();
  const byUser = new Map<number, { clicks: Click[]; start: number }>();
  for (const click of clicks) {
    const known = byUser.get(click.user);
    if (known === undefined) byUser.set(click.user, { clicks: [click], start: 0 });
    else known.clicks.push(click);
  }
  for (const impression of impressions) {
    const known = byUser.get(impression.user);
    addTo(
      digest,
      impression,
      known === undefined ? [] : way.pick(bandOf(known, impression.time, way), impression.time),
    );
  }
  return digest;
}

/** Returns the clicks of one user in the band of a time; times only grow. If one is wanted, no more than the first. */
function bandOf(known: { clicks: Click[]; start: number }, time: number, { low, high, pick }: Way): readonly Click[] {
  const { clicks } = known;
  while (known.start < clicks.length && clicks[known.start]!.time < time + low) known.start++;
  let end = known.start;
  while (end < clicks.length && clicks[end]!.time <= time + high && !(pick === first && end > known.start)) end++;
  return clicks.slice(known.start, end);
}

/** Of two equally near clicks the earlier one; of equal times the last one before, the first one at or after. */
function nearest(band: readonly Click[], time: number): readonly Click[] {
  const after = band.find((click) => click.time >= time);
  const before = band.findLast((click) => click.time < time);
  if (before === undefined || after === undefined) return [before ?? after].filter((click) => click !== undefined);
  return [time - before.time <= after.time - time ? before : after];
}

function addTo(digest: Digest, impression: Impression, clicks: readonly Click[]): void {
  digest.add(impression.time);
  for (const click of clicks) {
    digest.add(click.time);
    digest.add(click.user);
  }
}
