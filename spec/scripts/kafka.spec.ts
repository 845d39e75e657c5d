import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const composeFile = path.join(root, 'scripts/kafka-compose.yml');
const printBrokers = [process.execPath, '-e', 'console.log(process.env.KAFKA_BROKERS)'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'watermill-docker-'));
  mkdirSync(path.join(folder, 'bin'));
  const docker = readFileSync(path.join(__dirname, 'fixtures/docker.cjs'), 'utf8');
  writeFileSync(path.join(folder, 'bin/docker'), `#!${process.execPath}\n${docker}`, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `scripts/kafka` on a machine with docker, but without Java and Maven. */
function kafka(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [path.join(root, 'scripts/kafka'), ...args], {
    encoding: 'utf8',
    env: { PATH: path.join(folder, 'bin'), TMPDIR: folder, FAKE_DOCKER: folder, ...env },
  });
}

/** Returns the docker commands, without the initial queries. */
function told(): { command: string; project: string; file: string; port: string }[] {
  const lines = readFileSync(path.join(folder, 'told'), 'utf8').trim().split('\n');
  const calls = lines.map((line) => JSON.parse(line) as { args: string[]; port: string });
  expect(calls[0]?.args).toEqual(['compose', 'ls']);
  return calls
    .filter(({ args }) => args[1] !== 'ls')
    .map(({ args, port }) => {
      const [, , project, , file, ...command] = args;
      expect([args[0], args[1], args[3]]).toEqual(['compose', '--project-name', '--file']);
      return { command: command.join(' '), project: project as string, file: file as string, port };
    });
}

describe('scripts/kafka with Docker', () => {
  it('starts a project on a free port, runs the command, and removes the project', () => {
    const { status, stdout } = kafka(['run', '--', ...printBrokers]);
    expect(status).toBe(0);
    const port = /^127\.0\.0\.1:(\d+)\n$/.exec(stdout)?.[1] as string;
    const project = { project: `watermill-kafka-${port}`, file: composeFile, port };
    expect(told()).toEqual([
      { command: 'up --detach', ...project },
      { command: 'down --volumes', ...project },
    ]);
  });

  it('returns the exit code of the command, and removes the project in any case', () => {
    expect(kafka(['run', '--', process.execPath, '-e', 'process.exit(3)']).status).toBe(3);
    expect(told().map(({ command }) => command)).toEqual(['up --detach', 'down --volumes']);
  });

  it('stops a project that another process started', () => {
    const started = kafka(['start']);
    expect(started.stdout).toMatch(/^KAFKA_BROKERS=127\.0\.0\.1:\d+\n$/);
    expect(kafka(['start']).stdout).toBe(started.stdout);
    expect(kafka(['stop']).status).toBe(0);
    const [up, down, ...more] = told();
    expect(up?.command).toBe('up --detach');
    expect(down).toEqual({ ...up, command: 'down --volumes' });
    expect(more).toEqual([]);
    expect(kafka(['stop']).status).toBe(0);
  });

  it('shows the log and removes the remains of a project that does not start', () => {
    const { status, stderr } = kafka(['run', '--', ...printBrokers], { FAKE_DOCKER_FAILS: 'up' });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /docker has said something\n[\s\S]*Docker could not start Kafka: its messages are above\.\n$/,
    );
    expect(told().map(({ command }) => command)).toEqual(['up --detach', 'logs --tail 20', 'down --volumes']);
  });

  it('reports a missing engine in one sentence', () => {
    const { status, stderr } = kafka(['start'], { FAKE_DOCKER_FAILS: 'ls' });
    expect(status).toBe(1);
    expect(stderr).toBe(
      'No Kafka: set KAFKA_BROKERS, or install Java 17 and Maven, or start a Docker engine with compose.\n',
    );
  });

  it('does not use docker if brokers are given', () => {
    expect(kafka(['run', '--', ...printBrokers], { KAFKA_BROKERS: 'kafka:9092' }).stdout).toBe('kafka:9092\n');
    expect(existsSync(path.join(folder, 'told'))).toBe(false);
  });
});
