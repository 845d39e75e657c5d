import type { Broker, Cluster, Kafka } from 'kafkajs';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { Membership } from '../client.js';
import { withRefusals } from './coordinator-refusals.js';
import { BatchNumbers } from './records/batch-numbers.js';
import {
  type AskedOffset,
  canReadFetch,
  type FetchAnswer,
  fetchKey,
  readFetchAnswer,
  versionsOfLeaders,
} from './records/fetch-answer.js';
import { type DecodedAnswer, withOldRecords } from './records/old-records.js';
import { canWriteProduce, type ProduceRequest, produceKey, writeProduceRequest } from './records/produce-request.js';

/**
 * Replaces the encoding and decoding of records in a client of kafkajs, which allocates about ten objects per record.
 * Connections, requests and retries remain those of kafkajs. Its consumers are not told of partitions without new
 * records: `reachedEnd` is.
 */
export function useOwnRecords(kafka: Kafka, reachedEnd: ReachedEnd = () => {}): void {
  const inside = kafka as unknown as Record<symbol, (options: unknown) => Cluster>;
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === creation);
  if (symbol === undefined) {
    throw new WaterMillError(
      'WM_KAFKAJS_MISSING',
      'watermill/kafka does not support the version of kafkajs that is installed. Run npm install kafkajs@2.2.4.',
      { expected: 'kafkajs 2.2.4', found: 'another version' },
    );
  }
  const create = inside[symbol] as (options: unknown) => Cluster;
  inside[symbol] = (options) => withRefusals(withOwnRecords(create(options), reachedEnd));
}

/** Called when the leader of a partition has answered that it has no record from an offset on. */
type ReachedEnd = Membership['reachedEnd'];

const creation = 'private:Kafka:createCluster';

function withOwnRecords(cluster: Cluster, reachedEnd: ReachedEnd): Cluster {
  const known = new WeakSet<Broker>();
  const numbers = new BatchNumbers();
  const find = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await find(node);
    if (!known.has(broker)) {
      known.add(broker);
      replace(broker as unknown as BrokerInside, numbers, reachedEnd);
    }
    return broker;
  };
  return cluster;
}

interface BrokerInside {
  produce(request: ProduceRequest): Promise<unknown>;
  fetch(request: FetchRequest): Promise<unknown>;
  readonly connectionPool: { send(exchange: Exchange): Promise<unknown> };
  /** Returns the function that makes a request in the newest version that both sides support. */
  readonly lookupRequest: (key: number, definitions: RequestDefinitions) => unknown;
}

interface RequestDefinitions {
  readonly versions: readonly string[];
}

interface FetchRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

interface Exchange {
  readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<unknown> };
  readonly response: { decode(answer: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
}

/**
 * Nothing is awaited between the call of `produce` or `fetch` and that of `send`, so `send` gets the latest request.
 */
function replace(broker: BrokerInside, numbers: BatchNumbers, reachedEnd: ReachedEnd): void {
  const { connectionPool } = broker;
  const [produce, fetch] = [broker.produce.bind(broker), broker.fetch.bind(fetchingFromLeaders(broker))];
  const send = connectionPool.send.bind(connectionPool);
  let produced: ProduceRequest | undefined;
  let fetched: FetchRequest | undefined;
  broker.produce = (request) => {
    produced = request;
    return produce(request);
  };
  broker.fetch = (request) => {
    fetched = request;
    return fetch(request);
  };
  connectionPool.send = (exchange) => {
    const { apiKey } = exchange.request;
    if (apiKey === produceKey && produced !== undefined) return send(withOwnBatches(exchange, produced, numbers));
    if (apiKey === fetchKey && fetched !== undefined) return send(withOwnDecoding(exchange, fetched, reachedEnd));
    return send(exchange);
  };
}

function withOwnBatches(exchange: Exchange, request: ProduceRequest, numbers: BatchNumbers): Exchange {
  const { apiVersion } = exchange.request;
  if (!canWriteProduce(apiVersion)) throw tooOld('write', apiVersion);
  const encode = async (): Promise<unknown> => {
    const buffer = await writeProduceRequest(request, numbers);
    return { buf: buffer, buffer };
  };
  return { ...exchange, request: { ...exchange.request, encode } };
}

/** The broker, for fetches that it refuses if it does not lead the partition. */
function fetchingFromLeaders(broker: BrokerInside): BrokerInside {
  // It changes when the broker is connected.
  const lookupRequest: BrokerInside['lookupRequest'] = (key, definitions) =>
    broker.lookupRequest(key, { ...definitions, versions: versionsOfLeaders(definitions.versions) });
  return Object.create(broker, { lookupRequest: { value: lookupRequest } });
}

function withOwnDecoding(exchange: Exchange, { topics }: FetchRequest, reachedEnd: ReachedEnd): Exchange {
  const { request, response } = exchange;
  const { apiVersion } = request;
  if (!canReadFetch(apiVersion)) throw tooOld('read', apiVersion);
  const asked: AskedOffset = (topic, partition) => {
    const found = topics.find((each) => each.topic === topic);
    return Number(found?.partitions.find((each) => each.partition === partition)?.fetchOffset ?? 0);
  };
  const decode = async (answer: Buffer): Promise<unknown> => {
    const found = await readFetchAnswer(answer, apiVersion, asked);
    reportEnds(found, asked, reachedEnd);
    const hasOld = found.responses.some(({ partitions }) => partitions.some(({ isOld }) => isOld));
    return hasOld ? withOldRecords(found, (await response.decode(answer)) as DecodedAnswer, asked) : found;
  };
  return { ...exchange, response: { decode, parse: (decoded) => response.parse(decoded) } };
}

function reportEnds({ responses }: FetchAnswer, asked: AskedOffset, reachedEnd: ReachedEnd): void {
  for (const { topicName, partitions } of responses) {
    for (const { partition, isAtEnd } of partitions) {
      if (isAtEnd) reachedEnd(topicName, partition, asked(topicName, partition));
    }
  }
}

function tooOld(what: string, version: number): Error {
  return new Error(
    `The broker is older than Kafka 0.11, the oldest version that watermill can ${what} (version ${version} of the request).`,
  );
}
