// Kills a mill over files, in a separate process, at random times, much more often than `npm test`, and compares its
// final output: npm run test:crash:files -- [--kills N] [--seed S]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { expectCount, root, runNode } from './run.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
expectCount('kills', values.kills);
expectCount('seed', values.seed, Number.NEGATIVE_INFINITY);

console.log(`${values.kills} kills, from seed ${values.seed}`);
runNode(path.join(root, 'node_modules/jest/bin/jest.js'), ['--config', 'jest.deep.config.js', 'spec/crash'], {
  env: { ...process.env, WATERMILL_CASES: values.kills, WATERMILL_SEED: values.seed },
});
