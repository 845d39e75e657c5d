// Starts and stops a real Apache Kafka: KAFKA_BROKERS if it is set, otherwise Java and Maven, otherwise a Docker
// engine.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { brokerProperties, loggingProperties } from './kafka-config.mjs';
import { kafkaJars } from './kafka-jars.mjs';
import { root } from './run.mjs';

const readyWithinMs = 60_000;
const composeFile = path.join(root, 'scripts/kafka-compose.yml');

/** Returns the reason why no broker is available here, in one sentence; undefined if one is. */
export function whatIsMissing() {
  // Unlike its version, listing projects requires a running engine.
  if (process.env.KAFKA_BROKERS || hasJava() || works('docker', ['compose', 'ls'])) return undefined;
  return 'No Kafka: set KAFKA_BROKERS, or install Java 17 and Maven, or start a Docker engine with compose.';
}

/**
 * Returns a broker that responds: `{ address }`, and the data for `stopBroker`. It ends with this process, unless it
 * `outlives` it.
 */
export async function startBroker({ outlives = false } = {}) {
  if (process.env.KAFKA_BROKERS) return { address: process.env.KAFKA_BROKERS };
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(missing);
  return hasJava() ? startJava({ outlives }) : startContainer({ outlives });
}

/** By the broker's directory, or its container's port. */
const watchdogs = new Map();

/** Starts a process that watches this one: if this one is killed, nothing else would stop the broker. */
function guard(broker) {
  const key = broker.directory ?? broker.containerPort;
  watchdogs.get(key)?.kill();
  const watchdog = spawn(process.execPath, [path.join(root, 'scripts/kafka-watchdog.mjs'), JSON.stringify(broker)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  watchdog.stdin.unref();
  watchdogs.set(key, watchdog);
}

export async function stopBroker({ pid, directory, containerPort }) {
  watchdogs.get(directory ?? containerPort)?.kill();
  if (containerPort !== undefined) compose(containerPort, 'down', '--volumes');
  if (pid !== undefined && isBroker(pid)) {
    process.kill(pid, 'SIGTERM');
    for (let waited = 0; isBroker(pid); waited += 50) {
      if (waited === 10_000) process.kill(pid, 'SIGKILL');
      await wait(50);
    }
  }
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}

const kept = path.join(tmpdir(), `watermill-kafka-${process.getuid?.() ?? 'user'}.json`);

/** Stores a broker for `takeBroker`, in another process. */
export function keepBroker(broker) {
  writeFileSync(kept, JSON.stringify(broker));
}

/** Returns the broker stored by `keepBroker`, if it still runs, and removes it. */
export function takeBroker() {
  if (!existsSync(kept)) return undefined;
  const broker = JSON.parse(readFileSync(kept, 'utf8'));
  rmSync(kept);
  return broker.pid === undefined || isBroker(broker.pid) ? broker : undefined;
}

/** Returns a separate broker, which may be killed and restarted. */
export async function startJava({ outlives = false } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'watermill-kafka-'));
  const [port, controllerPort] = await freePorts();
  writeFileSync(path.join(directory, 'log4j2.properties'), loggingProperties);
  writeFileSync(configIn(directory), brokerProperties(port, controllerPort, path.join(directory, 'data')));
  const id = randomBytes(16).toString('base64url');
  // As one word: an id may begin with a dash.
  const what = ['format', `--cluster-id=${id}`, '-c', configIn(directory)];
  const format = spawnSync('java', javaArguments(directory, 'kafka.tools.StorageTool', ...what));
  if (format.status !== 0) throw new Error(`Kafka's log directory could not be formatted: ${format.stderr}`);
  return beginJava({ port, directory, outlives });
}

/** Restarts a broker with the data of an earlier one. */
export async function beginJava({ port, directory, outlives = false }) {
  const log = openSync(path.join(directory, 'kafka.log'), 'a');
  const heap = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=4'];
  // In a separate process group, so that Ctrl-C lets the commands end before their broker.
  const child = spawn('java', [...heap, ...javaArguments(directory, 'kafka.Kafka', configIn(directory))], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  closeSync(log);
  const broker = { address: `127.0.0.1:${port}`, pid: child.pid, port, directory, outlives };
  if (!outlives) guard(broker);
  try {
    await answering(port, () => isBroker(child.pid));
  } catch (error) {
    const tail = readFileSync(path.join(directory, 'kafka.log'), 'utf8').slice(-2_000);
    await stopBroker(broker);
    throw new Error(`${error.message}\n${tail}`);
  }
  return broker;
}

const configIn = (directory) => path.join(directory, 'server.properties');

function javaArguments(directory, ...program) {
  const logging = path.join(directory, 'log4j2.properties');
  return [`-Dlog4j2.configurationFile=${logging}`, '-cp', path.join(kafkaJars(), '*'), ...program];
}

async function startContainer({ outlives }) {
  const [port] = await freePorts();
  const broker = { address: `127.0.0.1:${port}`, containerPort: port };
  if (!outlives) guard(broker);
  try {
    if (compose(port, 'up', '--detach') !== 0) throw new Error('Docker could not start Kafka: its messages are above.');
    await answering(port, () => true);
  } catch (error) {
    compose(port, 'logs', '--tail', '20');
    await stopBroker(broker);
    throw error;
  }
  return broker;
}

/** The compose file needs its port for every command, and each broker is a separate project, so several may run. */
function compose(port, ...command) {
  const project = ['compose', '--project-name', `watermill-kafka-${port}`, '--file', composeFile];
  const env = { ...process.env, KAFKA_PORT: String(port) };
  // The output of docker is not output of the command.
  return spawnSync('docker', [...project, ...command], { stdio: ['ignore', 2, 2], env }).status;
}

async function answering(port, isAlive) {
  for (const end = Date.now() + readyWithinMs; Date.now() < end; ) {
    if (!isAlive()) throw new Error('Kafka ended while it started.');
    if (await answersMetadata(port)) return;
    await wait(100);
  }
  throw new Error(`Kafka gave no metadata within ${readyWithinMs} ms.`);
}

/** Returns whether a metadata request is answered with at least one broker: the port opens long before that. */
function answersMetadata(port) {
  // Metadata v4: client id "w", no topics, no creation of topics.
  const request = Buffer.from('0000001000030004000000070001770000000000', 'hex');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks = [];
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => settle(false));
    socket.on('error', () => settle(false));
    socket.on('end', () => settle(false));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = Buffer.concat(chunks);
      if (answer.length >= 16) settle(answer.readInt32BE(12) >= 1);
    });
  });
}

/** Returns two free ports; both are held until both are known, so that they differ. */
async function freePorts() {
  const servers = await Promise.all([0, 0].map(listen));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

export const hasJava = () => works('java', ['-version']) && works('mvn', ['-v']);

function works(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** Returns whether this is still the same process: process ids are reused. */
function isBroker(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes('kafka.Kafka') && !stdout.startsWith('Z');
}
