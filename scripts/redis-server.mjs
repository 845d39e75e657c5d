// Starts and stops a real Redis on loopback: REDIS_URL if it is set, otherwise redis-server.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const readyWithinMs = 20_000;

export const hasRedisServer = () => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** Returns the reason why no server is available here, in one sentence; undefined if one is. */
export function whatIsMissing() {
  if (process.env.REDIS_URL || hasRedisServer()) return undefined;
  return 'No Redis: set REDIS_URL, or install redis-server.';
}

/**
 * Returns a server that responds: `{ url }`, and the data for `stopServer`. It ends with this process, unless it
 * `outlives` it.
 */
export async function startServer({ outlives = false } = {}) {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL };
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(missing);
  return startOwn({ outlives });
}

/** Returns a separate server, which may be killed, stopped and restarted. */
export async function startOwn({ outlives = false, keeps = false } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'watermill-redis-'));
  return beginOwn({ port: await freePort(), directory, outlives, keeps });
}

/** Restarts a server; if it `keeps` its data, with the data of the earlier one. */
export async function beginOwn({ port, directory, outlives = false, keeps = false }) {
  const options = { port, bind: '127.0.0.1', dir: directory, save: '', appendonly: keeps ? 'yes' : 'no' };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn('redis-server', words, { detached: true, stdio: 'ignore' });
  child.unref();
  const server = { url: `redis://127.0.0.1:${port}`, pid: child.pid, port, directory, outlives, keeps };
  if (!outlives) guard(server);
  for (const end = Date.now() + readyWithinMs; Date.now() < end; await wait(10)) {
    if (await answers(port)) return server;
  }
  await stopServer(server);
  throw new Error(`Redis did not answer within ${readyWithinMs} ms.`);
}

/**
 * By directory: the processes that stop a server when this process has ended, in whatever way: then their input closes.
 */
const watchdogs = new Map();

function guard({ pid, directory }) {
  watchdogs.get(directory)?.kill();
  const watchdog = spawn('sh', ['-c', 'cat; kill -9 "$1"; rm -rf "$2"', 'watchdog', String(pid), directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  watchdog.stdin.unref();
  watchdogs.set(directory, watchdog);
}

export async function stopServer({ pid, directory }) {
  watchdogs.get(directory)?.kill();
  if (pid !== undefined) await killServer(pid);
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}

/** Resolves when the server has ended. */
export async function killServer(pid) {
  if (!isServer(pid)) return;
  process.kill(pid, 'SIGKILL');
  while (isServer(pid)) await wait(5);
}

const kept = path.join(tmpdir(), `watermill-redis-${process.getuid?.() ?? 'user'}.json`);

/** Stores a server for `takeServer`, in another process. */
export function keepServer(server) {
  writeFileSync(kept, JSON.stringify(server));
}

/** Returns the server stored by `keepServer`, if it still runs, and removes it. */
export function takeServer() {
  if (!existsSync(kept)) return undefined;
  const server = JSON.parse(readFileSync(kept, 'utf8'));
  rmSync(kept);
  return server.pid === undefined || isServer(server.pid) ? server : undefined;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.on('error', () => settle(false));
    socket.on('data', (data) => settle(data.toString().startsWith('+PONG')));
  });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Returns whether this is still the same process: process ids are reused. */
function isServer(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes('redis-server') && !stdout.startsWith('Z');
}
