// Runs a bench, compiled against the built package: npm run bench -- <name>
import path from 'node:path';
import { streamsClassPath } from './kafka-streams.mjs';
import { startServer, stopServer } from './redis-server.mjs';
import { root, runNode, tsc } from './run.mjs';

try {
  const args = process.argv.slice(2);
  if (args.some((name) => ['kafka-streams', 'table-kafka'].includes(name)))
    process.env.WATERMILL_KAFKA_STREAMS = streamsClassPath();
  tsc('-p', 'tsconfig.bench.json');
  const bench = path.join(root, 'build/bench/run.js');
  // The benches on Kafka need a broker, which runs for all of them and is stopped with them.
  if (args.some((name) => name.includes('kafka'))) {
    runNode(path.join(root, 'scripts/kafka'), ['run', '--', process.execPath, bench, ...args]);
  } else if (args.some((name) => name.startsWith('redis'))) {
    const server = await startServer();
    try {
      runNode(bench, args, { env: { ...process.env, REDIS_URL: server.url } });
    } finally {
      await stopServer(server);
    }
  } else runNode(bench, args);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
