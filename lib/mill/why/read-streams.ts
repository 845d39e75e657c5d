import { systemClock } from '../../base/clock.js';
import { silentLogger } from '../../base/logger.js';
import { realTime } from '../../base/real-time.js';
import { thrownText } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { type Batch, isUnreadable } from '../../brokers/batch.js';
import type { Broker, BrokerLane, Connection, StreamReader } from '../../brokers/broker.js';
import { whenWorking } from '../../brokers/broker-failed.js';
import { EndOfStream, readerOf } from '../../messages/index.js';
import { leaderOf, type Plan, type PlanNode } from '../plan/plan.js';
import { readCommit, type StreamEnds } from '../resume/commit-text.js';
import type { ReadStream, ReadValue } from './traced-feed.js';

/** The streams of one lane, in the order of the plan. */
export interface LaneStreams {
  readonly lane: string;
  readonly streams: readonly ReadStream[];
  /** Where the streams ended in runs after which the lane continued, as far as its last commit knows. */
  readonly ends: readonly StreamEnds[];
}

/** Reads all streams of a plan as they are, concurrently with any run: nothing is locked, written or committed. */
export async function readStreams(plan: Plan): Promise<readonly LaneStreams[]> {
  const brokers = [...new Set([leaderOf(plan), ...plan.nodes.map(({ broker }) => broker)])];
  for (const broker of brokers) if (broker.abilities.readsAside !== true) throw notAside(broker);
  const connections = new Map<Broker, Connection>();
  const abort = new AbortController();
  try {
    for (const broker of brokers) {
      const inputs = plan.nodes
        .filter((node) => node.broker === broker)
        .map(({ message, input: entry }) => ({ message, entry }));
      // Like the lanes of another broker: it keeps no progress for them, and claims nothing.
      const request = {
        plan: plan.fingerprint,
        inputs,
        outputs: [],
        outputsOfRuns: plan.outputs.filter((output) => output.broker === broker && broker === leaderOf(plan)),
        lanes: 2,
        aside: true as const,
        signal: abort.signal,
      };
      const connect = () => broker.connect({ ...request, logger: silentLogger, clock: systemClock });
      connections.set(broker, await whenWorking(broker.name, 'connecting', connect));
    }
    return await readLanes(plan, connections);
  } finally {
    abort.abort();
    for (const [broker, connection] of connections) await whenWorking(broker.name, 'closing', () => connection.close());
  }
}

async function readLanes(plan: Plan, connections: ReadonlyMap<Broker, Connection>): Promise<readonly LaneStreams[]> {
  const leader = leaderOf(plan);
  const others = new Map<Broker, BrokerLane>();
  for (const [broker, connection] of connections) {
    if (broker !== leader) for (const lane of await listOf(connection)) others.set(broker, others.get(broker) ?? lane);
  }
  const read: LaneStreams[] = [];
  for (const lane of await listOf(connections.get(leader) as Connection)) {
    const streams: ReadStream[] = [];
    for (const node of plan.nodes) {
      const own = node.broker === leader ? lane : (others.get(node.broker) as BrokerLane);
      const input = plan.nodes.filter(({ broker }) => broker === node.broker).indexOf(node);
      const stream = await readStream(node, () => own.openReader(input, undefined));
      const bad = stream.values.find(({ element }) => element === undefined);
      const isFailing = node.onBadMessage === 'fail' && bad !== undefined;
      streams.push(isFailing ? { ...stream, failsAt: bad.position } : stream);
    }
    read.push({ lane: lane.name, streams, ends: endsOf(plan, lane) });
  }
  return read;
}

function endsOf(plan: Plan, { name, committed, committedIn }: BrokerLane): readonly StreamEnds[] {
  if (committed === undefined) return [];
  const { commit, plan: of } = readCommit(committed, { broker: leaderOf(plan).name, lane: name, file: committedIn });
  return of.fingerprint === plan.fingerprint ? (commit.ends ?? []) : [];
}

async function listOf(connection: Connection): Promise<readonly BrokerLane[]> {
  const lanes: BrokerLane[] = [];
  for await (const lane of connection.lanes()) lanes.push(lane);
  return lanes;
}

async function readStream(node: PlanNode, open: () => Promise<StreamReader>): Promise<ReadStream> {
  const { broker, input } = node;
  const reader = await whenWorking(broker.name, `opening ${input.label}`, open);
  try {
    const read = elementReader(node);
    const values: ReadValue[] = [];
    const batchEnds: number[] = [];
    for (;;) {
      const batch = await whenWorking(broker.name, `reading ${input.label}`, () => next(reader));
      if (batch === undefined) return { values, batchEnds, isOpen: true };
      const end = batch.values.findIndex((value) => value instanceof EndOfStream);
      const before = end < 0 ? batch.values : batch.values.slice(0, end);
      for (const [i, value] of before.entries()) values.push(read(value, batch.positions?.[i] ?? batch.first + i));
      batchEnds.push(values.length);
      if (batch.end || end >= 0) return { values, batchEnds, isOpen: false };
    }
  } finally {
    await reader.close();
  }
}

/** Undefined if it waits for data that does not exist yet. */
async function next(reader: StreamReader): Promise<Batch | undefined> {
  const answer = reader.read();
  if (reader.waitsForMore === undefined) return answer;
  let isThere = false;
  const noted = Promise.resolve(answer).finally(() => {
    isThere = true;
  });
  noted.catch(() => {});
  await new Promise<void>((resolve) => void realTime.setImmediate(resolve));
  return !isThere && reader.waitsForMore() ? undefined : noted;
}

function elementReader({ message, input }: PlanNode): (value: unknown, position: number) => ReadValue {
  const { codec, acceptPropertyNames = false, texts = false } = input;
  const read = readerOf(message, codec, { acceptPropertyNames, texts, sharesValues: true });
  const known = new Set<object>();
  return (value, position) => {
    if (isUnreadable(value)) return { position, element: undefined, problem: value.reason };
    try {
      const element: object = read(value);
      // The same object may be in a stream twice: each occurrence gets its own identity.
      const own = known.has(element) ? Object.create(element) : element;
      known.add(own);
      return { position, element: own, problem: undefined };
    } catch (error) {
      return { position, element: undefined, problem: thrownText(error) };
    }
  };
}

function notAside({ name }: Broker): WaterMillError {
  return new WaterMillError(
    'WM_WHY',
    `why() cannot read ${name} next to a run without a trace. Record its streams with record() of watermill/testing, and ask a mill that reads the recording.`,
    { expected: 'files or memory', found: name },
  );
}
