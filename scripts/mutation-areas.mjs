// Which specs must fail when a file is broken: rounds of specs, the quick and likely ones first. A file belongs to the
// area with the longest prefix of its path.

/** @typedef {{ specs: string[], env?: Record<string, string> }} Round */
/** @typedef {{ prefix: string, rounds: Round[], builds?: boolean, kafka?: boolean }} Area */

const lane = [
  { specs: ['moment', 'fixtures', 'calls', 'series', 'windows', 'counts', 'long'].map((name) => `spec/lane/${name}`) },
  { specs: ['spec/lane/oracle'], env: { WATERMILL_CASES: '400' } },
  { specs: ['spec/lane'] },
];

/** @type {Area[]} */
export const areas = [
  { prefix: 'lib/mill/lane/', rounds: lane },
  { prefix: 'lib/joins/', rounds: [{ specs: ['spec/joins', 'spec/plan'] }, ...lane] },
  { prefix: 'lib/expressions/', rounds: [{ specs: ['spec/expressions', 'spec/joins', 'spec/plan'] }, ...lane] },
  {
    prefix: 'lib/messages/',
    rounds: [{ specs: ['spec/messages'] }, { specs: ['spec/brokers', 'spec/mill', 'spec/errors'] }],
  },
  { prefix: 'lib/base/', rounds: [{ specs: ['spec/base', 'spec/errors', 'spec/messages', 'spec/mill'] }] },
  {
    prefix: 'lib/mill/',
    rounds: [{ specs: ['spec/mill', 'spec/process', 'spec/plan'] }, { specs: ['spec/brokers', 'spec/errors'] }],
  },
  {
    prefix: 'lib/mill/service/',
    rounds: [{ specs: ['spec/service'] }, { specs: ['spec/mill'] }],
    builds: true,
  },
  {
    prefix: 'lib/brokers/',
    rounds: [{ specs: ['spec/brokers', 'spec/conformance'] }, { specs: ['spec/mill', 'spec/errors', 'spec/crash'] }],
    builds: true,
  },
  { prefix: 'lib/brokers/kafka/', rounds: [{ specs: ['spec/kafka', 'spec/errors'] }], kafka: true },
];

/** @returns {Area} */
export function areaOf(file) {
  const found = areas.filter(({ prefix }) => file.startsWith(prefix));
  if (found.length === 0) throw new Error(`scripts/mutation-areas.mjs names no specs for ${file}`);
  return found.reduce((best, area) => (area.prefix.length > best.prefix.length ? area : best));
}
