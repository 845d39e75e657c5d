// The specs that must fail when a file is broken: rounds of specs, the fast and likely ones first. A file belongs to
// the area with the longest prefix of its path.

/** @typedef {{ specs: string[], env?: Record<string, string> }} Round */
/** @typedef {{ prefix: string, rounds: Round[], builds?: boolean, kafka?: boolean }} Area */

const of = (folder, ...names) => ({ specs: names.map((name) => `spec/${folder}/${name}`) });

const lane = [
  { specs: ['spec/lane/oracle'], env: { WATERMILL_CASES: '400' } },
  of('lane', 'moment', 'fixtures', 'calls', 'series', 'windows', 'counts', 'long'),
  { specs: ['spec/lane'] },
];
const driver = [
  { specs: ['spec/mill', 'spec/process'] },
  { specs: ['spec/brokers/custom', 'spec/errors', 'spec/why'] },
];
/** These need no broker, or hardly. */
const kafkaWithoutBroker = of(
  'kafka',
  ...['records', 'producer', 'partition-queue', 'result-sizes', 'member', 'interrupted', 'bootstrap', 'record-parts'],
  'table-changes',
  'option-values',
);
const files = [
  { specs: ['spec/brokers/json-file', 'spec/files', 'spec/conformance/json-file'] },
  { specs: ['spec/crash', 'spec/why'] },
];

/** @type {Area[]} */
export const areas = [
  { prefix: 'lib/base/', rounds: [{ specs: ['spec/base', 'spec/errors', 'spec/messages'] }, ...driver] },
  {
    prefix: 'lib/base/thrown',
    rounds: [of('service', 'logging'), { specs: ['spec/base', 'spec/errors', 'spec/messages'] }, ...driver],
    builds: true,
  },
  { prefix: 'lib/base/namesake', rounds: [of('mill', 'namesakes')] },
  { prefix: 'lib/workers/', rounds: [{ specs: ['spec/workers'] }], builds: true },
  {
    prefix: 'lib/joins/portable-value',
    rounds: [of('joins', 'portable-value'), { specs: ['spec/flow', 'spec/workers'] }],
  },
  { prefix: 'lib/flow/flow-stages', rounds: [of('flow', 'through'), { specs: ['spec/flow'] }] },
  { prefix: 'lib/flow/through', rounds: [of('flow', 'through'), { specs: ['spec/flow'] }] },
  { prefix: 'lib/flow/', rounds: [of('flow', 'flow', 'owned-values'), { specs: ['spec/flow'] }] },
  { prefix: 'lib/batches/', rounds: [of('batches', 'batch-stream'), { specs: ['spec/batches'] }] },
  { prefix: 'lib/files/', rounds: [{ specs: ['spec/files'] }, ...files], builds: true },
  { prefix: 'lib/messages/', rounds: [{ specs: ['spec/messages'] }, { specs: ['spec/errors'] }, ...driver] },
  {
    prefix: 'lib/messages/schema',
    rounds: [{ specs: ['spec/messages', 'spec/flow'] }, { specs: ['spec/errors'] }, ...driver],
  },
  { prefix: 'lib/messages/writing/checked-copy', rounds: [of('flow', 'keyed')] },
  { prefix: 'lib/messages/columns', rounds: [of('mill', 'taken-results'), ...driver] },
  { prefix: 'lib/expressions/', rounds: [{ specs: ['spec/expressions', 'spec/joins', 'spec/plan'] }, ...lane] },
  {
    prefix: 'lib/expressions/key',
    rounds: [{ specs: ['spec/expressions', 'spec/joins', 'spec/plan'] }, of('mill', 'keys', 'report'), ...lane],
  },
  { prefix: 'lib/joins/', rounds: [{ specs: ['spec/joins', 'spec/plan'] }, ...lane] },
  { prefix: 'lib/joins/windows/overlap', rounds: [of('flow', 'keyed'), of('mill', 'keys')] },
  { prefix: 'lib/brokers/table-files/', rounds: [of('tables', 'table-files', 'kept-tables')] },
  { prefix: 'lib/tables/', rounds: [{ specs: ['spec/tables'] }] },
  { prefix: 'lib/tables/kept-elements', rounds: [of('flow', 'keyed'), { specs: ['spec/tables'] }] },
  { prefix: 'lib/tables/change-queue', rounds: [{ specs: ['spec/tables'] }, of('redis', 'tables')] },
  {
    prefix: 'lib/tables/table-of-lanes',
    rounds: [{ specs: ['spec/tables'] }, of('mill', 'two-copies'), of('redis', 'tables')],
  },
  { prefix: 'lib/tables/key-from-text', rounds: [of('service', 'tables')], builds: true },
  { prefix: 'lib/tables/rows-in-turn', rounds: [of('flow', 'keyed')] },
  {
    prefix: 'lib/tables/disk/',
    rounds: [of('tables', 'order-on-disk', 'disk-and-memory', 'disk-tables', 'expiry')],
    builds: true,
  },
  { prefix: 'lib/stores/', rounds: [of('tables', 'disk-and-memory', 'disk-tables', 'expiry')], builds: true },
  { prefix: 'lib/mill/driver/tables/', rounds: [{ specs: ['spec/tables'] }, ...driver] },
  { prefix: 'lib/mill/plan/find/found-tables', rounds: [{ specs: ['spec/tables'] }] },
  { prefix: 'lib/mill/report/live', rounds: [of('service', 'page')] },
  { prefix: 'lib/mill/service/page/', rounds: [of('service', 'page')] },
  { prefix: 'lib/metrics/', rounds: [{ specs: ['spec/metrics'] }] },
  { prefix: 'lib/cli/', rounds: [{ specs: ['spec/cli'] }], builds: true },
  { prefix: 'lib/conformance/', rounds: [of('conformance', 'violations')] },
  { prefix: 'lib/testing/', rounds: [{ specs: ['spec/testing'] }] },
  { prefix: 'lib/brokers/', rounds: [{ specs: ['spec/brokers', 'spec/conformance'] }, ...driver] },
  { prefix: 'lib/brokers/memory/memory-tables', rounds: [of('tables', 'memory-tables', 'table-crash')] },
  { prefix: 'lib/brokers/memory/', rounds: [{ specs: ['spec/brokers/memory'] }, ...driver] },
  {
    prefix: 'lib/brokers/custom/waiting',
    rounds: [of('batches', 'directory-source'), { specs: ['spec/batches', 'spec/brokers/custom'] }],
  },
  {
    prefix: 'lib/brokers/custom/',
    rounds: [{ specs: ['spec/brokers/custom'] }, { specs: ['spec/conformance/custom'] }],
  },
  {
    prefix: 'lib/brokers/custom/custom-input',
    rounds: [{ specs: ['spec/brokers/custom'] }, of('mill', 'two-copies'), { specs: ['spec/conformance/custom'] }],
  },
  { prefix: 'lib/brokers/custom/custom-connection', rounds: [of('brokers', 'several', 'custom')] },
  { prefix: 'lib/brokers/custom/custom-writer', rounds: [of('brokers', 'custom', 'several')] },
  { prefix: 'lib/brokers/custom/timer', rounds: [{ specs: ['spec/brokers/custom'] }, of('mill', 'two-copies')] },
  {
    prefix: 'lib/brokers/several/',
    rounds: [
      of('brokers', 'several/routes', 'several/running'),
      of('redis', 'several'),
      of('brokers', 'several/crash'),
    ],
  },
  { prefix: 'lib/brokers/several/several-writer', rounds: [of('brokers', 'several', 'custom/sinks')] },
  {
    prefix: 'lib/brokers/partitions/',
    rounds: [{ specs: ['spec/brokers/partitions'] }, { specs: ['spec/kafka', 'spec/redis'] }],
    kafka: true,
  },
  { prefix: 'lib/mill/plan/find/mill-brokers', rounds: [of('brokers', 'several/routes')] },
  { prefix: 'lib/brokers/json-file/', rounds: files, builds: true },
  {
    prefix: 'lib/brokers/json-file/json-file-connection',
    rounds: [of('brokers', 'formats/csv-files'), ...files],
    builds: true,
  },
  { prefix: 'lib/brokers/json-file/file-identity', rounds: [of('brokers', 'several'), ...files], builds: true },
  { prefix: 'lib/brokers/json-file/output/output-file', rounds: [of('brokers', 'several'), ...files], builds: true },
  { prefix: 'lib/brokers/parsing/', rounds: files, builds: true },
  { prefix: 'lib/brokers/kafka/', rounds: [kafkaWithoutBroker, { specs: ['spec/kafka', 'spec/errors'] }], kafka: true },
  { prefix: 'lib/brokers/kafka/kafkajs/cluster', rounds: [of('kafka', 'leaders')], kafka: true },
  {
    prefix: 'lib/brokers/kafka/tables/',
    rounds: [of('kafka', 'table-changes'), { specs: ['spec/kafka/tables', 'spec/kafka/crash-tables'] }],
    kafka: true,
  },
  { prefix: 'lib/brokers/redis/', rounds: [{ specs: ['spec/redis', 'spec/errors'] }] },
  { prefix: 'lib/mill/', rounds: [{ specs: ['spec/plan', 'spec/process'] }, ...driver] },
  { prefix: 'lib/mill/lane/', rounds: [...lane, of('mill', 'keys', 'folded-windows')] },
  {
    prefix: 'lib/mill/lane/input/',
    rounds: [of('brokers', 'json-file/group-inputs'), ...lane, of('mill', 'keys', 'folded-windows')],
  },
  { prefix: 'lib/mill/driver/', rounds: driver },
  { prefix: 'lib/mill/driver/mill-run', rounds: [of('tables', 'restoring'), ...driver] },
  { prefix: 'lib/mill/driver/lane-count', rounds: [of('flow', 'through'), ...driver] },
  {
    prefix: 'lib/mill/plan/find/find-streams',
    rounds: [of('flow', 'through'), { specs: ['spec/plan', 'spec/process'] }, ...driver],
  },
  { prefix: 'lib/mill/driver/input/bad-values', rounds: [of('mill', 'dead-letters', 'failures'), ...driver] },
  { prefix: 'lib/mill/driver/calls/ordered-results', rounds: [of('mill', 'saved-later', 'concurrency'), ...driver] },
  { prefix: 'lib/mill/driver/calls/waiting-call', rounds: [of('mill', 'saved-later', 'concurrency'), ...driver] },
  { prefix: 'lib/mill/driver/input/lane-inputs', rounds: [of('brokers', 'several/running'), ...driver] },
  {
    prefix: 'lib/mill/driver/input/stream-feed',
    rounds: [of('brokers', 'custom/sources'), of('kafka', 'silence'), ...driver],
    kafka: true,
  },
  { prefix: 'lib/mill/driver/input/lag-watch', rounds: [of('mill', 'lag'), ...driver] },
  {
    prefix: 'lib/mill/driver/input/idle-watch',
    rounds: [of('mill', 'waiting', 'watch'), of('kafka', 'silence'), ...driver],
    kafka: true,
  },
  { prefix: 'lib/mill/driver/time/lane-waiting', rounds: [{ specs: ['spec/testing'] }, ...driver] },
  { prefix: 'lib/mill/resume/', rounds: [...lane, ...driver] },
  { prefix: 'lib/mill/resume/checkpoint', rounds: [of('mill', 'lag'), ...driver] },
  { prefix: 'lib/mill/resume/commit-text', rounds: [of('mill', 'failures'), { specs: ['spec/errors'] }, ...driver] },
  { prefix: 'lib/mill/resume/lane-vector', rounds: [of('brokers', 'json-file/group-inputs'), ...lane] },
  { prefix: 'lib/mill/driver/commit/committer', rounds: [of('tables', 'refused-commit'), ...driver] },
  { prefix: 'lib/mill/resume/tables-mark', rounds: [{ specs: ['spec/tables'] }, ...driver] },
  { prefix: 'lib/mill/resume/read-marks', rounds: [of('brokers', 'custom/sources'), ...driver] },
  { prefix: 'lib/mill/why/', rounds: [of('why', 'why', 'oracle')] },
  { prefix: 'lib/mill/report/run-report', rounds: [of('mill', 'report', 'run'), of('brokers', 'several'), ...driver] },
  { prefix: 'lib/mill/report/', rounds: [of('mill', 'report', 'run', 'watch'), ...driver] },
  { prefix: 'lib/mill/metrics/', rounds: [of('service', 'metrics'), ...driver] },
  { prefix: 'lib/mill/service/', rounds: [{ specs: ['spec/service'] }, ...driver], builds: true },
];

/** @returns {Area} */
export function areaOf(file) {
  const found = areas.filter(({ prefix }) => file.startsWith(prefix));
  if (found.length === 0) throw new Error(`scripts/mutation-areas.mjs names no specs for ${file}`);
  return found.reduce((best, area) => (area.prefix.length > best.prefix.length ? area : best));
}
