// Jars from Maven, fetched once into a cache outside the repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

// Newer versions are incomplete: some of their jars are missing.
const kafkaVersion = '4.3.1';
const loggingVersion = '2.25.4';

/** Returns the folder of the jars of Apache Kafka. Reports downloads in one line. */
export function kafkaJars() {
  return jarsOf({
    name: 'Apache Kafka',
    size: '44 MB',
    folder: 'jars',
    dependencies: [
      ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
      ['org.apache.logging.log4j', 'log4j-slf4j-impl', loggingVersion],
    ],
  });
}

/** Returns the folder of the jars of Kafka Streams, which only a bench needs. Reports downloads in one line. */
export function streamsJars() {
  return jarsOf({
    name: 'Kafka Streams',
    size: '96 MB',
    folder: 'streams-jars',
    dependencies: [['org.apache.kafka', 'kafka-streams', kafkaVersion]],
  });
}

function jarsOf({ name, size, folder, dependencies }) {
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'watermill-kafka');
  const jars = path.join(cache, `${folder}-${kafkaVersion}`);
  if (existsSync(jars)) return jars;
  console.error(`Fetching ${name} ${kafkaVersion} (${size}, once) into ${jars}`);
  const work = path.join(cache, `fetching-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    writeFileSync(path.join(work, 'pom.xml'), pom(dependencies));
    const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${work}/jars`];
    const { status } = spawnSync('mvn', ['-q', '-B', '-f', path.join(work, 'pom.xml'), ...copy], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`Maven could not fetch ${name}: its messages are above.`);
    // Renamed as a whole, so that the folder is never incomplete.
    if (!existsSync(jars)) renameSync(path.join(work, 'jars'), jars);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return jars;
}

function pom(dependencies) {
  const dependency = ([group, artifact, version]) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>watermill</groupId><artifactId>test-broker</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.map(dependency).join('\n')}</dependencies></project>
`;
}
