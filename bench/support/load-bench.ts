import type { Measure } from './bench.js';

/** The names of the benches, in the order in which they are run. */
export const benchNames = [
  'files',
  'files-native',
  'files-short',
  'memory',
  'join',
  'window',
  'scale',
  'skew',
  'start',
  'iterable',
  'directory',
  'metrics',
  'sort',
  'csv',
  'concurrency',
  'flow',
  'table',
  'store',
  'left',
  'semi',
  'anti',
  'as-of',
  'interval',
  'on',
  'session',
  'sliding',
  'hopping',
  'keyed-windows',
  'slack',
  'test-mill',
  'explore',
] as const;

/** Benches that need a Kafka broker, run only by name. */
export const kafkaBenchNames = [
  'kafka-join',
  'kafka-eos',
  'kafka-lanes',
  'kafka-latency',
  'kafka-metrics',
  'kafka-streams',
  'table-kafka',
] as const;

/** Benches that need a Redis server, run only by name. */
export const redisBenchNames = ['redis-stream'] as const;

/** Loads one bench and its dependencies only. */
export async function loadBench(name: string): Promise<readonly Measure[]> {
  const { measures } = await import(`../${name}.js`);
  return measures;
}
