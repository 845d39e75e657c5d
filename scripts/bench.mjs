// Runs a bench, compiled against the built package: npm run bench -- <name>
import path from 'node:path';
import { root, runNode, tsc } from './run.mjs';

tsc('-p', 'tsconfig.bench.json');
const args = process.argv.slice(2);
const bench = path.join(root, 'build/bench/run.js');
// The benches on Kafka need a broker, which runs for all of them and is stopped with them.
if (args.some((name) => name.startsWith('kafka'))) {
  runNode(path.join(root, 'scripts/kafka'), ['run', '--', process.execPath, bench, ...args]);
} else runNode(bench, args);
