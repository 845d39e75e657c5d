import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Outcome } from './bench.js';

/** Runs a program of `bench/java` with Kafka Streams, in a separate JVM. Returns the costs that it reports. */
export async function inStreams(program: string, ...args: string[]): Promise<Outcome> {
  const classPath = process.env.WATERMILL_KAFKA_STREAMS;
  if (classPath === undefined) throw new Error('What is measured with Kafka Streams is run by: npm run bench');
  const all = ['-Xmx2g', '-cp', classPath, program, ...args];
  const { stdout } = await promisify(execFile)('java', all, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}
