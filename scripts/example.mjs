// Runs examples as a user would: compiled against the built package, each in its own folder.
// node scripts/example.mjs <name>…, or --all.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { startServer, stopServer, whatIsMissing } from './redis-server.mjs';
import { root, runNode, tsc } from './run.mjs';

const folder = path.join(root, 'examples');
const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'main.ts')));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => name !== '--all' && !names.includes(name));

if (asked.length === 0 || unknown.length > 0) {
  console.error(unknown.length > 0 ? `There is no example ${unknown.join(', ')}.` : 'Which example?');
  console.error(`One of: ${names.join(', ')}, or --all.`);
  process.exit(1);
}

tsc('-p', 'tsconfig.examples.json');
for (const name of asked.includes('--all') ? names : asked) {
  if (asked.includes('--all')) console.log(`\n# ${name}`);
  if (name.startsWith('redis-')) await runOnRedis(name);
  else runExample(name);
}

function runExample(name, env = process.env) {
  runNode(path.join(root, 'build/examples', name, 'main.js'), [], { cwd: path.join(folder, name), env });
}

async function runOnRedis(name) {
  const missing = whatIsMissing();
  if (missing !== undefined) {
    console.error(`${name} is left out: ${missing}`);
    return;
  }
  const server = await startServer();
  try {
    runExample(name, { ...process.env, REDIS_URL: server.url });
  } finally {
    await stopServer(server);
  }
}
