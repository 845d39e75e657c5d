import { endRuns } from '../support/run.js';
import { count, startServices as start } from './start-services.js';

afterEach(endRuns);

describe('two services of one process', () => {
  it('set the worse exit code, whichever ends first', async () => {
    const runs = [
      ['fails', 'ends'],
      ['ends', 'fails'],
    ].map(([first, second]) => start({ name: 'a', does: first }, { name: 'b', does: second, after: 'a' }));
    for (const run of runs) {
      expect(await run.ended).toBe(1);
      expect(run.output).toContain('nothing left');
    }
  });

  it('return separate results', async () => {
    const run = start({ name: 'a', does: 'fails' }, { name: 'b', does: 'ends' });
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(/a over 1, exit code 1/);
    expect(run.output).toMatch(/b over 0, exit code/);
  });

  it('are stopped by one signal, which is logged once; nothing remains afterwards', async () => {
    const run = start({ name: 'a', does: 'idle' }, { name: 'b', does: 'idle' });
    await run.printed(/running 1,1,1,1,/);
    await run.printed(/a called[\s\S]*b called|b called[\s\S]*a called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(count(run.output, /SIGTERM: stopping/g)).toBe(1);
    expect(count(run.output, /info stopped after/g)).toBe(2);
    expect(run.output).toContain('nothing left');
  });

  it('have separate grace periods: the shorter one ends no service that is within a longer one', async () => {
    const run = start({ name: 'a', does: 'hangs', graceMs: 50 }, { name: 'b', does: 'slow', graceMs: 20_000 });
    await run.printed(/a called[\s\S]*b called|b called[\s\S]*a called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(run.output).toMatch(/Not finished within 50 ms[\s\S]*b done[\s\S]*info stopped after/);
  });

  it('are not ended by the grace period of one that failed or was stopped', async () => {
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

  it('read nothing if they start while the other is stopping', async () => {
    const run = start({ name: 'a', does: 'idle' }, { name: 'b', does: 'hangs', after: 'a' });
    await run.printed(/a called/);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.output).toContain('b over 0');
    expect(run.output).not.toContain('b called');
  });

  it('both end, failed, by a failure that belongs to neither', async () => {
    const run = start({ name: 'a', does: 'rejects' }, { name: 'b', does: 'idle' });
    expect(await run.ended).toBe(1);
    expect(count(run.output, /A promise was rejected and not handled/g)).toBe(1);
    expect(run.output).toMatch(/a over 1/);
    expect(run.output).toMatch(/b over 1/);
  });

  it('end after the longest grace period if something else keeps the process alive', async () => {
    const run = start(
      { name: 'a', does: 'fails', graceMs: 10 },
      { name: 'b', does: 'ends', graceMs: 100, linger: true },
    );
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('Something keeps the process alive');
  });

  it('have no grace period of one that ended before they started', async () => {
    const run = start(
      { name: 'a', does: 'ends', graceMs: 600_000 },
      { name: 'b', does: 'fails', after: 'a', graceMs: 10, linger: true },
    );
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('Something keeps the process alive');
  });

  it('are not ended by the leftovers of one that failed before', async () => {
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
