// Runs a bench, compiled against the built package: npm run bench -- <name>
import path from 'node:path';
import { root, runNode, tsc } from './run.mjs';

tsc('-p', 'tsconfig.bench.json');
runNode(path.join(root, 'build/bench/run.js'), process.argv.slice(2));
