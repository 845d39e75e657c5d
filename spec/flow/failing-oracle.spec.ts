import { BadMessage, type Broker, MemoryMessageBroker, message, WaterMill } from 'watermill';
import { runStages } from 'watermill/flow';
import { cases, checkCases, shareOfCases, stride } from '../support/cases.js';
import { type Disturbance, disturbed, randomDisturbance } from '../support/disturbed-runs.js';
import { PartitionedBroker, PartitionedStreams } from '../support/partitioned-broker.js';
import { Random } from '../support/random.js';
import { randomFailingFlow } from './failing-model.js';
import { Ev, LateEv, Text, vias } from './keyed-model.js';
import type { Value } from './window-model.js';

type Flow = ReturnType<typeof randomFailingFlow>;

function randomValues(random: Random, most = 25): Value[] {
  const jitter = random.pick([0, 3, 12]);
  return Array.from({ length: random.int(most) + 1 }, (_, i) => ({
    k: random.pick(['a', 'b', 'c']),
    t: i + 20 - random.int(jitter + 1),
    n: random.int(40),
  }));
}

const elementsOf = (input: readonly Value[]): Ev[] => input.map((value) => message(Ev, value));
const plain = ({ k, t, n }: Value): Value => ({ k, t, n });
const sorted = (values: Iterable<unknown>): string[] => [...values].map((value) => JSON.stringify(value)).sort();

/** Returns the positions of dead letters as the plain code has them. */
const failedOf = (letters: readonly BadMessage[]): number[] =>
  letters.map(({ position, raw }) => (raw === '' ? -1 : position));

/** Runs that are disturbed, then one to the end. A run that ends with a failed call is followed by one without failures. */
async function lives(
  { failures }: Flow,
  disturbances: readonly Disturbance[],
  make: Parameters<typeof disturbed>[1],
  between: () => void = () => {},
): Promise<void> {
  failures.isOn = true;
  for (let life = 0; ; life++) {
    const disturbance = disturbances[life] ?? { what: 'nothing', at: 0 };
    const { outcome } = await disturbed(disturbance, make);
    if (outcome === 'failed' && life >= disturbances.length / 2) failures.isOn = false;
    if (outcome === 'ended') return;
    if (life < disturbances.length) between();
  }
}

const policies = ['skip', 'skip', 'dead letter', 'fail'] as const;

/** In the run that ends, calls that are repeated do not fail any more. */
function expectedOf<T>({ failures }: Flow, onError: (typeof policies)[number], plain: () => T): T {
  failures.isOn = onError !== 'fail';
  return plain();
}

/** One lane over a broker in memory, which holds the tables, or over one that keeps them as texts. */
async function checkOneLane(seed: number, disturbances?: readonly Disturbance[]): Promise<void> {
  const random = new Random(seed);
  const onError = random.pick(policies);
  const flow = randomFailingFlow(random, { streams: random.pick([0, 0, 2]), onError });
  const input = randomValues(random);
  const { texts, late, written, failed } = expectedOf(flow, onError, () => flow.plain(input));
  const options = { batchSize: 1 + random.int(6), leastChanges: random.pick([1, 8, 1_000]) };
  const streams = random.chance(0.4) ? undefined : new PartitionedStreams([[Ev, [elementsOf(input)]]]);
  const memory = new MemoryMessageBroker([[Ev, elementsOf(input)]]);
  const broker: Broker = streams === undefined ? memory : new PartitionedBroker(streams, options);
  const commitEvery = { elements: 1 + random.int(6) };
  const anyDisturbances = Array.from({ length: random.int(4) }, () => randomDisturbance(random, 60));
  let restore = random.chance(0.2) ? undefined : () => {};
  await lives(
    flow,
    disturbances ?? anyDisturbances,
    (wrap) => new WaterMill({ process: flow.make(), broker: wrap(broker), commitEvery }),
    () => {
      if (random.chance(0.5)) streams?.compact();
      restore?.();
      restore = restore === undefined ? streams?.backup() : undefined;
    },
  );
  const of = <T>(each: new () => T): readonly T[] =>
    streams === undefined ? memory.written(each) : streams.written(each)[0]!;
  const about = { text: flow.text, onError, input: JSON.stringify(input) };
  expect({
    ...about,
    texts: of(Text).map(({ text }) => text),
    late: of(LateEv).map(plain),
    written: vias.map((via) => of(via).map(plain)),
    failed: failedOf(of(BadMessage)),
  }).toEqual({
    ...about,
    texts,
    late,
    written: vias.map((via) => written.get(via) ?? []),
    failed: onError === 'dead letter' ? failed : [],
  });
}

/** Several lanes, and a mill for each stage: all at once. */
async function checkStages(seed: number): Promise<void> {
  const random = new Random(seed);
  const onError = random.pick(policies);
  const streamsBetween = random.pick([0, 1, 2]);
  const flow = randomFailingFlow(random, { streams: streamsBetween, isLocal: true, onError });
  const lanes = Array.from({ length: 1 + random.int(3) }, () => randomValues(random, 12));
  const streams = new PartitionedStreams([[Ev, lanes.map(elementsOf)]], 1 + random.int(3));
  const options = { batchSize: 1 + random.int(6), leastChanges: random.pick([1, 8, 1_000]) };
  const commitEvery = { elements: 1 + random.int(6) };
  await lives(
    flow,
    Array.from({ length: random.int(5) }, () => randomDisturbance(random, 100)),
    (wrap) => {
      const mills: WaterMill[] = [];
      return {
        run: () =>
          runStages(flow.make(), ({ name, process }) => {
            const broker = wrap(new PartitionedBroker(streams, { ...options, group: name }));
            const mill = new WaterMill({ process, broker, commitEvery });
            mills.push(mill);
            return mill;
          }),
        stop: async () => void (await Promise.all(mills.map((mill) => mill.stop()))),
      };
    },
    () => {
      if (random.chance(0.5)) streams.compact();
    },
  );
  const about = { text: flow.text, onError, lanes: JSON.stringify(lanes) };
  const given = expectedOf(flow, onError, () => {
    let inputs: readonly (readonly Value[])[] = lanes;
    return flow.stages.map((stage, i) => {
      const ofStage = inputs.map((input) => stage(input));
      const via = flow.vias[i];
      if (via !== undefined) {
        inputs = streams.written(via).map((values) => values.map(plain));
        checkBetween(
          about,
          inputs,
          ofStage.map(({ written }) => written.get(via) ?? []),
        );
      }
      return ofStage;
    });
  });
  const all = given.flat();
  expect({
    ...about,
    texts: streams.written(Text).map((texts) => texts.map(({ text }) => text)),
    late: sorted(streams.written(LateEv).flat().map(plain)),
    failed: sorted(failedOf(streams.written(BadMessage).flat())),
  }).toEqual({
    ...about,
    texts: given.at(-1)!.map(({ texts }) => texts),
    late: sorted(all.flatMap(({ late }) => late)),
    failed: onError === 'dead letter' ? sorted(all.flatMap(({ failed }) => failed)) : [],
  });
}

/** A stream in between has each lane's values in their order, and each key in one partition. */
function checkBetween(
  about: object,
  found: readonly (readonly Value[])[],
  ofLanes: readonly (readonly Value[])[],
): void {
  expect({ ...about, between: sorted(found.flat()) }).toEqual({ ...about, between: sorted(ofLanes.flat()) });
  for (const k of ['a', 'b', 'c']) {
    const partitions = found
      .map((values) => values.filter((value) => value.k === k))
      .filter(({ length }) => length > 0);
    expect({ ...about, k, partitions: partitions.length }).toEqual({
      ...about,
      k,
      partitions: Math.min(1, partitions.length),
    });
    for (const lane of ofLanes) {
      let at = 0;
      const own = lane.filter((value) => value.k === k).map((value) => JSON.stringify(value));
      for (const value of partitions[0] ?? []) if (JSON.stringify(value) === own[at]) at++;
      expect({ ...about, k, inOrder: at }).toEqual({ ...about, k, inOrder: own.length });
    }
  }
}

it('random async and failing flows agree with plain code, call by call, also after crashes and stops', async () => {
  await checkCases(cases(120), checkOneLane);
}, 120_000);

it('the same after a crash at any call of the broker', async () => {
  const places = 60;
  await checkCases(shareOfCases(2, places), async (seed) => {
    for (let at = 1; at <= places; at += stride(2)) await checkOneLane(seed, [{ what: 'crash', at }]);
  });
}, 120_000);

it('the stages of random flows agree with plain code over several lanes, also after crashes and stops', async () => {
  await checkCases(cases(80), checkStages);
}, 120_000);
