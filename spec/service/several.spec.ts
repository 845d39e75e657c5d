import { endRuns } from '../support/run.js';
import { count, startServices as start } from './start-services.js';

afterEach(endRuns);

describe('two services of one process', () => {
  it('give it the worse exit code, whichever ends first', async () => {
    const runs = [
      ['fails', 'ends'],
      ['ends', 'fails'],
    ].map(([first, second]) => start({ name: 'a', does: first }, { name: 'b', does: second, after: 'a' }));
    for (const run of runs) {
      expect(await run.ended).toBe(1);
      expect(run.output).toContain('nothing left');
    }
  });

  it('give each its own result', async () => {
    const run = start({ name: 'a', does: 'fails' }, { name: 'b', does: 'ends' });
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(/a over 1, exit code 1/);
    expect(run.output).toMatch(/b over 0, exit code/);
  });

  it('are stopped by one signal, of which is told once; nothing stays behind', async () => {
    const run = start({ name: 'a', does: 'idle' }, { name: 'b', does: 'idle' });
    await run.printed(/running 1,1,1,1,/);
    await run.printed(/a called[\s\S]*b called|b called[\s\S]*a called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(count(run.output, /SIGTERM: stopping/g)).toBe(1);
    expect(count(run.output, /info stopped after/g)).toBe(2);
    expect(run.output).toContain('nothing left');
  });

  it('each have their own grace period: the shorter one ends nobody who is still within the longer', async () => {
    const run = start({ name: 'a', does: 'hangs', graceMs: 50 }, { name: 'b', does: 'slow', graceMs: 20_000 });
    await run.printed(/a called[\s\S]*b called|b called[\s\S]*a called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(run.output).toMatch(/Not finished within 50 ms[\s\S]*b done[\s\S]*info stopped after/);
  });

  it('the grace period of one that failed or was stopped does not end the other', async () => {
    const run = start({ name: 'a', does: 'fails', graceMs: 1 }, { name: 'b', does: 'slow', graceMs: 20_000 });
    await run.printed(/a over 1/);
    await run.printed(/b called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('b done');
    expect(run.output).toContain('nothing left');
  });

  it('are ended by a second signal at once', async () => {
    const run = start({ name: 'a', does: 'hangs' }, { name: 'b', does: 'hangs' });
    await run.printed(/a called[\s\S]*b called|b called[\s\S]*a called/);
    run.child.kill('SIGINT');
    await run.printed(/SIGINT: stopping/);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
  });

  it('the one that begins while the other is stopping reads nothing', async () => {
    const run = start({ name: 'a', does: 'idle' }, { name: 'b', does: 'hangs', after: 'a' });
    await run.printed(/a called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.output).toContain('b over 0');
    expect(run.output).not.toContain('b called');
  });

  it('both end, failed, with a failure that is nobody’s', async () => {
    const run = start({ name: 'a', does: 'rejects' }, { name: 'b', does: 'idle' });
    expect(await run.ended).toBe(1);
    expect(count(run.output, /A promise was rejected and not handled/g)).toBe(1);
    expect(run.output).toMatch(/a over 1/);
    expect(run.output).toMatch(/b over 1/);
  });

  it('a process that something else keeps alive ends after the longest grace period', async () => {
    const run = start(
      { name: 'a', does: 'fails', graceMs: 10 },
      { name: 'b', does: 'ends', graceMs: 100, linger: true },
    );
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('Something keeps the process alive');
  });

  it('one that begins after a failure is not ended by what the first has left', async () => {
    const run = start(
      { name: 'a', does: 'fails', graceMs: 100 },
      { name: 'b', does: 'slow', after: 'a', graceMs: 20_000 },
    );
    await run.printed(/b called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('b done');
  });
});
