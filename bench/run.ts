// npm run bench -- [<bench>…] [--reps N] [--size N] [--node VERSION] [--profile FOLDER]
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { benchNames, kafkaBenchNames, loadBench, redisBenchNames } from './support/load-bench.js';
import { runMeasure } from './support/run-measure.js';

const text = { type: 'string' } as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { reps: text, size: text, node: text, profile: text },
  });
  const known: readonly string[] = [...benchNames, ...kafkaBenchNames, ...redisBenchNames];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  const node = nodeBinary(values.node);
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const options = {
    node,
    isNode20: version.startsWith('v20.'),
    profile: values.profile,
    size: count('size', values.size),
    reps: count('reps', values.reps),
  };
  for (const bench of positionals.length > 0 ? positionals : benchNames) {
    for (const measure of await loadBench(bench)) {
      for (const line of await runMeasure(bench, measure, options)) {
        console.log(JSON.stringify({ ...line, node: version }));
      }
    }
  }
}

function count(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} ${given}: expected a whole number above 0.`);
  return value;
}

/** Returns the program of a Node version: this one, or the one from the npm package `node`. */
function nodeBinary(version: string | undefined): string {
  if (version === undefined) return process.execPath;
  const args = ['--yes', '--package', `node@${version}`, '--', 'node', '-p', 'process.execPath'];
  return execFileSync('npx', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
