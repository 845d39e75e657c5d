// Compiles the Kafka Streams programs of the benches.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { hasJava } from './kafka-broker.mjs';
import { streamsJars } from './kafka-jars.mjs';
import { root, run } from './run.mjs';

/** Compiles them and returns their class path, or an explanation of what is missing. */
export function streamsClassPath() {
  const hasCompiler = spawnSync('javac', ['-version'], { stdio: 'ignore' }).status === 0;
  if (!hasCompiler || !hasJava())
    throw new Error('No Kafka Streams for kafka-streams and table-kafka: install a JDK 17 and Maven.');
  const classes = path.join(root, 'build/java');
  const jars = path.join(streamsJars(), '*');
  const sources = ['StreamsJoin', 'StreamsCount', 'Took'].map((name) => path.join(root, `bench/java/${name}.java`));
  run('javac', ['-d', classes, '-cp', jars, ...sources]);
  return [classes, jars].join(path.delimiter);
}
