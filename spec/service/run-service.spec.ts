import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { endRuns, Run } from '../support/run.js';

const service = path.join(__dirname, 'fixtures/service.cjs');
afterEach(endRuns);
const start = (...args: string[]): Run => new Run(spawn(process.execPath, [service, ...args]));

describe('a service', () => {
  it('ends with its mill, with exit code 0', async () => {
    const run = start('ends');
    expect(await run.ended).toBe(0);
    expect(run.output).toMatch(/info ended with its master Item/);
    expect(run.output).toContain('over 0');
  });

  it('fails with its mill, with exit code 1 and the error, and the place in the code of the user', async () => {
    const run = start('fails');
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(
      /error The mill has failed\nWaterMillError: .*no stock(?:.|\n)*\nCaused by: Error: no stock\n {4}at .*service\.cjs/,
    );
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('is stopped by %s, with exit code 0', async (signal) => {
    const run = start('idle');
    await run.printed(/^ready$/m);
    run.child.kill(signal);
    expect(await run.ended).toBe(0);
    expect(run.output).toContain(`${signal}: stopping within 25000 ms`);
    expect(run.output).toContain('info stopped after');
  });

  it('is ended when the grace period is over', async () => {
    const run = start('hangs', '50');
    await run.printed(/^called$/m);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(run.output).toContain('error Not finished within 50 ms: ending it by force');
  });

  it('is ended by a second signal', async () => {
    const run = start('hangs');
    await run.printed(/^called$/m);
    run.child.kill('SIGINT');
    await run.printed(/SIGINT: stopping/);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
  });

  it.each([
    ['rejection', 'A promise was rejected and not handled', 'lost'],
    ['exception', 'An error was thrown and not caught', 'thrown'],
  ])('that has an unhandled %s logs it, stops cleanly and fails', async (scenario, text, reason) => {
    const run = start(scenario);
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(new RegExp(`error ${text}\nError: ${reason}`));
    expect(run.output).toContain('info stopped after');
    expect(run.output).toContain('over 1');
  });

  it('does not outlive its mill by more than the grace period, even if something keeps it alive', async () => {
    const run = start('lingers', '100');
    await run.printed(/^called$/m);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.output).toContain('Something keeps the process alive');
  });

  it('answers probes', async () => {
    const run = start('idle');
    const [, port] = await run.printed(/answer on port (\d+)/);
    await run.printed(/^ready$/m);
    const get = (where: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${where}`);
    const live = await get('/healthz');
    expect(live.status).toBe(200);
    expect(await live.json()).toMatchObject({ ready: true, healthy: true, lanes: [{ lane: '0', healthy: true }] });
    expect((await get('/readyz?verbose')).status).toBe(200);
    expect((await get('/metrics')).status).toBe(404);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it.each([
    ['taken port', 'The health endpoint cannot listen on port'],
    ['promise', 'runService: expected a WaterMill, new WaterMill({ … }), which it runs itself, found'],
    ['wrong option', 'runService: option healthPort: expected a port, 0 to 65535, found 70000'],
  ])('with a %s fails before it reads anything', async (scenario, text) => {
    const run = start(scenario);
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(/error The mill could not be started\n/);
    expect(run.output).toContain(text);
    expect(run.output).not.toContain('called');
  });

  const canBeOne = spawnSync('unshare', ['-pf', '--kill-child', 'true']).status === 0;
  (canBeOne ? it : it.skip)('obeys as PID 1, too, where a signal without a handler does nothing', async () => {
    const run = new Run(spawn('unshare', ['-pf', '--kill-child', process.execPath, service, 'hangs']));
    await run.printed(/^called$/m);
    const { pid } = run.child;
    const inside = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
    // Killing 0 would kill this process.
    expect(inside).toBeGreaterThan(1);
    process.kill(inside, 'SIGTERM');
    await run.printed(/SIGTERM: stopping/);
    process.kill(inside, 'SIGTERM');
    await run.ended;
    expect(run.output).toContain('exit 143 as PID 1');
  });
});
