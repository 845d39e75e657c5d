import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { copyOf, execForm, readDockerfile } from '../../spec/support/dockerfile.js';
import { propertiesOf, readCompose, testBrokerProperties } from '../../spec/support/kafka-settings.js';
import { readConfiguration } from './src/configuration.js';
import { topicsOf } from './src/topics.js';

const read = (file: string): string => readFileSync(path.join(__dirname, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const rootManifest = JSON.parse(read('../../package.json'));
const { services, volumes } = readCompose('examples/kafka-service/compose.yaml');
const { kafka, topics, producer, mill } = services;
const stages = readDockerfile(read('Dockerfile'));
const last = stages.at(-1);
const textOf = (name: string): string => last?.steps.findLast((step) => step.name === name)?.text ?? '';
/** The variables that the code reads. */
const known = ['configuration.ts', 'produce.ts'].flatMap((file) =>
  [...read(`src/${file}`).matchAll(/env\.\w+\(\s*'(\w+)'/g)].map(([, name]) => name),
);

/** Returns whether the service that an address names advertises it. */
function isAdvertised(address: string): boolean {
  const [host = ''] = address.split(':');
  return services[host]?.environment.KAFKA_ADVERTISED_LISTENERS.includes(`://${address}`);
}

describe('compose.yaml', () => {
  it.each(Object.entries(services))(
    '%s depends on services that get into the state that it waits for',
    (_, service) => {
      for (const [name, { condition }] of Object.entries<any>(service.depends_on ?? {})) {
        expect(services).toHaveProperty(name);
        if (condition === 'service_healthy') expect(services[name].healthcheck.test).toBeDefined();
        else expect([condition, services[name].restart]).toEqual(['service_completed_successfully', undefined]);
      }
    },
  );

  it.each(Object.entries(services))(
    '%s has an image of a version, or is built here; its volumes are declared',
    (_, service) => {
      if (service.build === undefined) expect(service.image).toMatch(/^apache\/kafka:\d+\.\d+\.\d+$/);
      else expect(existsSync(path.join(__dirname, service.build, 'Dockerfile'))).toBe(true);
      for (const volume of service.volumes ?? []) expect(volumes).toHaveProperty(volume.split(':')[0]);
    },
  );

  it.each(Object.entries({ producer, mill }))(
    '%s gets variables that the code reads, with values that it takes',
    (_, service) => {
      expect(Object.keys(service.environment).filter((name) => !known.includes(name))).toEqual([]);
      const values = Object.entries(service.environment).map(([name, value]) => [name, String(value)]);
      const { connection } = readConfiguration(Object.fromEntries(values));
      for (const address of connection.brokers) expect(isAdvertised(address)).toBe(true);
    },
  );

  it('starts programs that the build makes', () => {
    const [program, file] = producer.command;
    expect([program, existsSync(path.join(__dirname, file.replace('dist', 'src').replace('.js', '.ts')))]).toEqual([
      'node',
      true,
    ]);
    expect(mill.command).toBeUndefined();
  });

  it('makes the topics that the code uses, with equally many partitions', () => {
    const script: string = topics.command.at(-1);
    const [, names] = /for topic in ([^;]*);/.exec(script) ?? [];
    expect(names?.split(' ').sort()).toEqual(Object.values(topicsOf('')).sort());
    expect(script).toMatch(/--create --if-not-exists --topic \$\$topic --partitions 4\n/);
    expect(isAdvertised(/--bootstrap-server (\S+)/.exec(script)?.[1] as string)).toBe(true);
  });

  it('tells the broker what the broker of the tests is told, as far as one broker needs it', () => {
    const told = propertiesOf(kafka.environment);
    const tests = Object.entries(testBrokerProperties());
    const shared = tests.filter(([name]) => /replication|min\.isr|auto\.create|process\.roles|rebalance/.test(name));
    expect(shared.length).toBeGreaterThan(6);
    expect(told).toMatchObject(Object.fromEntries(shared));
    expect(Object.keys(told).filter((name) => !tests.some(([known]) => known === name))).toEqual([]);
    const jars = read('../../scripts/kafka-jars.mjs');
    expect(kafka.image).toBe(`apache/kafka:${/kafkaVersion = '(.*)'/.exec(jars)?.[1]}`);
  });

  it('has a listener for the containers, one for the machine, and one for the controller', () => {
    const told = propertiesOf(kafka.environment);
    const entries = (text = '') => Object.fromEntries(text.split(',').map((entry) => entry.split(/:(.*)/)));
    const [listeners, advertised] = [entries(told.listeners), entries(told['advertised.listeners'])];
    expect(Object.keys(entries(told['listener.security.protocol.map'])).sort()).toEqual(Object.keys(listeners).sort());
    for (const [name, address] of Object.entries(advertised)) {
      expect(listeners[name]).toBe(`//:${String(address).split(':').at(-1)}`);
    }
    expect(advertised).toHaveProperty(told['inter.broker.listener.name'] as string);
    expect(listeners[told['controller.listener.names'] as string]).toBe('//:9093');
    expect(told['controller.quorum.voters']).toBe(`${told['node.id']}@localhost:9093`);
    expect(kafka.ports).toEqual([
      `127.0.0.1:${advertised.HOST.split(':').at(-1)}:${advertised.HOST.split(':').at(-1)}`,
    ]);
  });

  it('gives each replica a port of the machine, and more time to end than it takes', () => {
    const [, first, after, inside] = /^127\.0\.0\.1:(\d+)-(\d+):(\d+)$/.exec(mill.ports[0]) ?? [];
    expect(Number(after) - Number(first) + 1).toBe(mill.deploy.replicas);
    expect(inside).toBe(textOf('EXPOSE'));
    expect(Number.parseInt(mill.stop_grace_period, 10)).toBeGreaterThan(25);
    expect([mill.restart, kafka.restart]).toEqual(['unless-stopped', 'unless-stopped']);
  });
});

describe('Dockerfile', () => {
  it('takes the LTS of Node that the tests run on', () => {
    const version = /node@(\d+)/.exec(rootManifest.scripts['test:lts'])?.[1];
    for (const { base } of stages) expect(base).toBe(`node:${version}-alpine`);
  });

  it('copies what is there, is not ignored, and was made by an earlier stage', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    // The user creates these two.
    const made = ['package-lock.json', 'watermill-*.tgz'];
    for (const [index, { steps }] of stages.entries()) {
      for (const { text } of steps.filter(({ name }) => name === 'COPY')) {
        const { from, sources } = copyOf(text);
        if (from !== undefined) expect(stages.slice(0, index).map(({ name }) => name)).toContain(from);
        else for (const source of sources) expect([source, allowed.includes(source)]).toEqual([source, true]);
        if (from === undefined) {
          const missing = sources.filter(
            (source) => !made.includes(source) && !existsSync(path.join(__dirname, source)),
          );
          expect(missing).toEqual([]);
        }
      }
    }
  });

  it('starts node itself, not as root, and asks the health endpoint', () => {
    expect(textOf('USER')).toBe('node');
    expect(execForm(textOf('CMD'))).toEqual(['node', 'dist/main.js']);
    expect(execForm(textOf('HEALTHCHECK'))?.at(-1)).toContain('/healthz');
    expect(textOf('ENV')).toContain(`HEALTH_PORT=${textOf('EXPOSE')}`);
    expect(last?.steps.some(({ name }) => name === 'RUN' || name === 'ENTRYPOINT')).toBe(false);
  });
});

describe('package.json', () => {
  it('has the versions that the tests have', () => {
    const { watermill, ...packages } = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(watermill).toBe(`file:watermill-${rootManifest.version}.tgz`);
    expect(rootManifest.devDependencies).toMatchObject(packages);
  });

  it('has scripts that start what the build makes', () => {
    for (const script of [manifest.scripts.start, manifest.scripts.produce]) {
      const [, name] = /^node dist\/(\w+)\.js$/.exec(script) ?? [];
      expect(existsSync(path.join(__dirname, `src/${name}.ts`))).toBe(true);
    }
  });
});
