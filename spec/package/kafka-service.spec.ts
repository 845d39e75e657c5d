import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endRuns, Run } from '../support/run.js';
import { Image } from './image.js';
import { workspace } from './workspace.js';

const example = path.resolve(__dirname, '../../examples/kafka-service');
// Not below the repository: no package must be found by accident.
const folder = mkdtempSync(path.join(tmpdir(), 'watermill-image-'));
const context = path.join(folder, 'cold-chain');
let image: Image;

/** As in the guide: the tarball in the folder of the service, then npm install. */
beforeAll(() => {
  cpSync(example, context, { recursive: true, filter: (file) => !/node_modules|dist$|\.tgz$/.test(file) });
  copyFileSync(workspace().tarball, path.join(context, path.basename(workspace().tarball)));
  const install = ['install', '--prefer-offline', '--package-lock-only', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', install, { cwd: context, encoding: 'utf8' });
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  image = new Image(context, path.join(folder, 'stages'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(endRuns);

const start = (env: NodeJS.ProcessEnv) => {
  const [, ...args] = image.command;
  return new Run(spawn(process.execPath, args, { cwd: image.folder, env: { ...image.env, ...env } }));
};

describe('the image of examples/kafka-service', () => {
  it('has only the compiled program and the packages that it needs', () => {
    expect(readdirSync(image.folder).sort()).toEqual(['dist', 'node_modules', 'package.json']);
    expect(readdirSync(path.join(image.folder, 'dist'))).toContain('main.js');
    const packages = readdirSync(path.join(image.folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(packages.sort()).toEqual(['commander', 'kafkajs', 'reflect-metadata', 'tslib', 'tsyringe', 'watermill']);
    const { version } = JSON.parse(readFileSync(path.join(example, '../../package.json'), 'utf8'));
    expect(existsSync(path.join(context, `watermill-${version}.tgz`))).toBe(true);
  });

  it('reports missing environment variables at start', async () => {
    const service = start({});
    expect(await service.ended).toBe(1);
    expect(JSON.parse(service.output).text).toContain('KAFKA_BROKERS must be host:port');
  });

  it('starts, passes its own health check, and ends at SIGTERM', async () => {
    const port = await freePort();
    const service = start({ KAFKA_BROKERS: '127.0.0.1:1', HEALTH_PORT: port });
    await service.printed(/No broker answers/);
    const [, ...check] = image.healthCheck;
    const env = { ...image.env, HEALTH_PORT: port };
    expect(spawnSync(process.execPath, check, { cwd: image.folder, env }).status).toBe(0);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(spawnSync(process.execPath, check, { cwd: image.folder, env }).status).toBe(1);
  });

  it('is also the producer', async () => {
    const args = [path.join('dist', 'produce.js')];
    const producer = new Run(spawn(process.execPath, args, { cwd: image.folder, env: { ...image.env } }));
    expect(await producer.ended).toBe(1);
    expect(JSON.parse(producer.output).err.message).toContain('KAFKA_BROKERS must be host:port');
  });
});

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address() as { port: number };
      server.close(() => resolve(String(address.port)));
    });
  });
}
