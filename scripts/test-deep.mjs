// Many more random cases than `npm test` runs: npm run test:deep -- [--cases N] [--seed S] [spec paths]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { expectCount, root, runNode } from './run.mjs';

const { values, positionals } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
  allowPositionals: true,
});
const specs = positionals.length > 0 ? positionals : ['spec/lane', 'spec/sql'];
expectCount('cases', values.cases);
expectCount('seed', values.seed, Number.NEGATIVE_INFINITY);

console.log(`${values.cases} cases, from seed ${values.seed}`);
runNode(path.join(root, 'node_modules/jest/bin/jest.js'), ['--config', 'jest.deep.config.js', ...specs], {
  env: { ...process.env, WATERMILL_CASES: values.cases, WATERMILL_SEED: values.seed },
});
