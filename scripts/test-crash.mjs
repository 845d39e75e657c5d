// Kills mills on Kafka much more often than `npm test`: npm run test:crash -- [--kills N] [--seed S]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { expectCount, root, runNode } from './run.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
expectCount('kills', values.kills);
expectCount('seed', values.seed, Number.NEGATIVE_INFINITY);

console.log(`${values.kills} kills of each kind, for both guarantees, from seed ${values.seed}`);
runNode(path.join(root, 'node_modules/jest/bin/jest.js'), ['--verbose', 'spec/kafka/crash'], {
  env: { ...process.env, WATERMILL_KILLS: values.kills, WATERMILL_SEED: values.seed },
});
