import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describeOnKafka, kafkaAddress, uniqueName } from '../../spec/kafka/support/on-kafka.js';
import { type ReadRecord, TestCluster } from '../../spec/kafka/support/topics.js';
import { environmentOf, readDockerfile, type Stage } from '../../spec/support/dockerfile.js';
import { endRuns, Run } from '../../spec/support/run.js';
import { type Topics, topicsOf } from './src/topics.js';

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, 'build', `kafka-service-${process.pid}`);
const partitions = 4;
const cluster = new TestCluster();
const image = readDockerfile(readFileSync(path.join(__dirname, 'Dockerfile'), 'utf8')).at(-1) as Stage;
const damaged = '{"truck":"ALP-1","celsius":';

/** Compiles it like a user, against the built package. */
function compile(): void {
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  for (const name of ['package.json', 'tsconfig.json', 'src']) {
    cpSync(path.join(__dirname, name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(root, path.join(folder, 'node_modules/watermill'), 'junction');
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('');
}

/** A separate company on the cluster of the tests: topics and group have a prefix. */
class Company {
  readonly prefix = `${uniqueName('company')}-`;
  readonly topics: Topics = topicsOf(this.prefix);
  private readonly env = {
    ...environmentOf(image),
    PATH: process.env.PATH,
    KAFKA_BROKERS: kafkaAddress,
    KAFKA_GROUP: `${this.prefix}mill`,
    KAFKA_HEARTBEAT_MS: '200',
    TOPIC_PREFIX: this.prefix,
    HEALTH_PORT: '0',
  };

  async createTopics(counts: Partial<Record<keyof Topics, number>> = {}): Promise<this> {
    const admin = cluster.kafka.admin();
    const entries = Object.entries(this.topics) as [keyof Topics, string][];
    const topics = entries.map(([name, topic]) => ({ topic, numPartitions: counts[name] ?? partitions }));
    await admin.createTopics({ topics, waitForLeaders: true });
    await admin.disconnect();
    return this;
  }

  start(program: 'main' | 'produce', env: NodeJS.ProcessEnv = {}): Run {
    return new Run(spawn(process.execPath, [`dist/${program}.js`], { cwd: folder, env: { ...this.env, ...env } }));
  }

  /** Returns the expected alarms per partition, in order, computed without joins. */
  async expectedAlarms(): Promise<object[][]> {
    const [temperatures, positions] = [
      await cluster.readEnded(this.topics.temperatures, partitions),
      await cluster.readEnded(this.topics.positions, partitions),
    ];
    const places = valuesOf(positions);
    return byPartition(temperatures).map((records) =>
      valuesOf(records)
        .filter(({ celsius }) => celsius > 8)
        .map(({ truck, at, celsius }) => {
          const before = places.filter((place) => place.truck === truck && place.at <= at);
          const { latitude, longitude } = before.at(-1) ?? {};
          return { truck, at, celsius, latitude, longitude };
        }),
    );
  }
}

const byPartition = (records: readonly ReadRecord[]): ReadRecord[][] =>
  Array.from({ length: partitions }, (_, partition) => records.filter((record) => record.partition === partition));

const valuesOf = (records: readonly ReadRecord[]): any[] =>
  records.filter(({ isEnd, value }) => !isEnd && value !== damaged).map(({ value }) => JSON.parse(value as string));

/** Matches the log line with the current lanes of a replica. */
const hasLanes = (count: number): RegExp =>
  new RegExp(`"lanes":\\[\\d+(,\\d+){${count - 1}}\\]\\}\\n(?![\\s\\S]*"lanes")`);

/** The lines of a log, which are JSON. */
const logged = ({ output }: Run): any[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function answerOf(replica: Run, probe: string): Promise<[number, any]> {
  const [, port] = await replica.printed(/answer on port (\d+)/);
  const response = await fetch(`http://127.0.0.1:${port}/${probe}`);
  return [response.status, await response.json()];
}

describeOnKafka('a service on Kafka', () => {
  beforeAll(async () => {
    compile();
    await cluster.open();
  });
  afterAll(async () => {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(endRuns);

  it('shares the lanes among its replicas, while one is stopped and one comes, and gives every alarm once', async () => {
    const company = await new Company().createTopics();
    const [first, second] = [company.start('main'), company.start('main')];
    await Promise.all([first.printed(hasLanes(2)), second.printed(hasLanes(2))]);
    for (const replica of [first, second]) {
      const [status, health] = await answerOf(replica, 'healthz');
      expect([status, health.healthy]).toEqual([200, true]);
      expect((await answerOf(replica, 'readyz'))[0]).toBe(200);
    }

    const producer = company.start('produce', { STEPS: '300', STEP_MS: '4', END_STREAMS: 'true' });
    while ((await cluster.read(company.topics.alarms)).length < 20);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(first.output).toContain('SIGTERM: stopping within 25000 ms');
    expect(first.output.match(/wrote \d+ Alarm/g)).toHaveLength(1);
    await second.printed(hasLanes(4));
    const third = company.start('main');
    await third.printed(hasLanes(2));
    expect(await producer.ended).toBe(0);
    expect([await second.ended, await third.ended]).toEqual([0, 0]);

    const alarms = await cluster.readEnded(company.topics.alarms, partitions);
    const expected = await company.expectedAlarms();
    expect(byPartition(alarms).map(valuesOf)).toEqual(expected);
    expect(expected.flat().length).toBeGreaterThan(100);
    for (const { key, value } of alarms) if (key !== null) expect(key).toBe(JSON.parse(value as string).truck);
  });

  it('goes on where it stopped, past a message that it cannot read, which it writes to the dead letters', async () => {
    const company = await new Company().createTopics();
    const producer = company.start('produce', { STEP_MS: '10' });
    const before = company.start('main');
    await before.printed(hasLanes(4));
    while ((await cluster.read(company.topics.alarms)).length === 0);
    before.child.kill('SIGTERM');
    expect(await before.ended).toBe(0);
    producer.child.kill('SIGTERM');
    expect(await producer.ended).toBe(0);
    const written = (await cluster.read(company.topics.alarms)).length;

    await cluster.write(company.topics.temperatures, [damaged]);
    const rest = company.start('produce', { STEPS: '100', STEP_MS: '0', END_STREAMS: 'true' });
    expect(await rest.ended).toBe(0);
    const after = company.start('main');
    expect(await after.ended).toBe(0);

    const letters = await cluster.values(company.topics.deadLetters, partitions);
    expect(letters).toEqual([expect.objectContaining({ stream: company.topics.temperatures, raw: damaged })]);
    const alarms = await cluster.readEnded(company.topics.alarms, partitions);
    expect(alarms.length - partitions).toBeGreaterThan(written);
    expect(byPartition(alarms).map(valuesOf)).toEqual(await company.expectedAlarms());
  });

  it('says all that is wrong with its environment, and does not show a password', async () => {
    const company = new Company();
    const wrong = { KAFKA_BROKERS: 'kafka', KAFKA_PASSWORD: 'geheim', GUARANTEE: 'once', MAX_CELSIUS: 'warm' };
    const service = company.start('main', wrong);
    expect(await service.ended).toBe(1);
    expect(JSON.parse(service.output)).toMatchObject({
      level: 'error',
      text:
        'The service cannot start: Wrong environment: ' +
        'KAFKA_BROKERS must be host:port, such as localhost:9092, or more of them with commas, but is "kafka"; ' +
        'KAFKA_PASSWORD is set, but KAFKA_USERNAME is not; ' +
        'GUARANTEE must be one of exactly-once, at-least-once, but is "once"; ' +
        'MAX_CELSIUS must be a number, but is "warm".',
    });
    expect(service.output).not.toContain('geheim');
  });

  it('has a producer that ends with a sentence where its topics are not there', async () => {
    const producer = new Company().start('produce');
    expect(await producer.ended).toBe(1);
    const errors = logged(producer).filter(({ level }) => level === 'error');
    expect(errors).toEqual([
      expect.objectContaining({
        text: expect.stringMatching(/^The producer has failed: The cluster has no topic .*-truck-/),
      }),
    ]);
  });

  it('ends at a signal while it looks for a broker', async () => {
    const service = new Company().start('main', { KAFKA_BROKERS: '127.0.0.1:1' });
    await service.printed(/No broker answers at 127\.0\.0\.1:1/);
    const [status, health] = await answerOf(service, 'readyz');
    expect([status, health]).toEqual([503, { ready: false, healthy: true, lanes: [] }]);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
  });

  it.each([
    ['whose topics are not there', {}, 'The cluster has no topic .*cold-chain-alarms'],
    ['whose topics differ in partitions', { alarms: 3 }, 'different numbers of partitions: .*cold-chain-alarms 3'],
  ])('fails with one line and exit code 1 on a cluster %s', async (_, counts, sentence) => {
    const company = new Company();
    if (Object.keys(counts).length > 0) await company.createTopics(counts);
    const service = company.start('main');
    expect(await service.ended).toBe(1);
    const errors = logged(service).filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0].err.message).toMatch(new RegExp(sentence));
  });
});
