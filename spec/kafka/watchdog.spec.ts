import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { endRuns, Run } from '../support/run.js';
import { describeOnKafka } from './support/on-kafka.js';

const script = path.resolve(__dirname, '../../scripts/kafka-broker.mjs');
const start = `import(${JSON.stringify(script)}).then(async ({ startJava }) => {
  const { pid, directory } = await startJava();
  console.log(JSON.stringify({ pid, directory }) + ';');
  setInterval(() => {}, 1_000);
});`;

const hasJava = spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
const isRunning = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout !== '' && !stdout.startsWith('Z');
};

describeOnKafka('the broker of a test', () => {
  afterEach(endRuns);

  (hasJava ? it : it.skip)('ends when the process that started it is killed, and leaves nothing behind', async () => {
    const owner = new Run(spawn(process.execPath, ['-e', start]));
    const [, told] = await owner.printed(/(.*);/);
    const { pid, directory } = JSON.parse(told as string);
    expect(isRunning(pid)).toBe(true);
    owner.child.kill('SIGKILL');
    while (isRunning(pid) || existsSync(directory)) await wait(50);
  });
});
