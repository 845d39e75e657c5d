// The join of the bench kafka-streams in Kafka Streams, compiled for it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { hasJava } from './kafka-broker.mjs';
import { streamsJars } from './kafka-jars.mjs';
import { root, run } from './run.mjs';

/** Compiles it; gives its class path, or says in one sentence what is missing. */
export function streamsClassPath() {
  const hasCompiler = spawnSync('javac', ['-version'], { stdio: 'ignore' }).status === 0;
  if (!hasCompiler || !hasJava()) throw new Error('No Kafka Streams for kafka-streams: install a JDK 17 and Maven.');
  const classes = path.join(root, 'build/java');
  const jars = path.join(streamsJars(), '*');
  run('javac', ['-d', classes, '-cp', jars, path.join(root, 'bench/java/StreamsJoin.java')]);
  return [classes, jars].join(path.delimiter);
}
