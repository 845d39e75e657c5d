import { readFileSync } from 'node:fs';
import { stderrLogger } from '../../lib/mill/service/stderr-logger.js';
import { endRuns } from '../support/run.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { count, startServices as start } from './start-services.js';

afterEach(endRuns);

/** Returns the CPU time of a process after its first call, and removes the folder. */
const cpuMs = (folder: TemporaryDirectory): number => {
  const used = Number(readFileSync(folder.file('cpu'), 'utf8'));
  folder.remove();
  return used;
};

describe('a logger', () => {
  it.each(['throws', 'rejects', 'hangs', 'lacks', 'getters'])('that %s holds up no service', async (logger) => {
    const ended = start({ name: 'a', does: 'ends', logger });
    const failed = start({ name: 'a', does: 'fails', logger });
    const stopped = start({ name: 'a', does: 'idle', logger });
    expect(await ended.ended).toBe(0);
    expect(ended.output).toContain('nothing left');
    expect(await failed.ended).toBe(1);
    await stopped.printed(/a called/);
    stopped.child.kill('SIGTERM');
    expect(await stopped.ended).toBe(0);
    expect(count(stopped.output, /WaterMillWarning: The logger's \w+\(\) failed/g)).toBe(logger === 'hangs' ? 0 : 1);
  });

  it('that fails later, at every line, does not cause an endless loop', async () => {
    const folder = temporaryDirectory();
    const run = start({ name: 'a', does: 'hangs', logger: 'detached', graceMs: 1_000, usage: folder.file('cpu') });
    expect(await run.ended).toBe(1);
    expect(run.output).not.toContain('a over');
    expect(cpuMs(folder)).toBeLessThan(500);
  });
});

describe('a stderr or stdout', () => {
  it('that is broken neither stops a service nor causes an endless loop', async () => {
    const folder = temporaryDirectory();
    const run = start({ name: 'a', does: 'hangs', graceMs: 1_000, usage: folder.file('cpu') });
    await run.printed(/a called/);
    run.child.stderr?.destroy();
    run.child.stdout?.destroy();
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(cpuMs(folder)).toBeLessThan(500);
  });

  it('that is broken lets a service end normally', async () => {
    const run = start({ name: 'a', does: 'slow' });
    await run.printed(/a called/);
    run.child.stderr?.destroy();
    run.child.stdout?.destroy();
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it('that nobody reads does not fill memory', () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const waits = (characters: number): void => {
      Object.defineProperty(process.stderr, 'writableLength', { value: characters, configurable: true });
    };
    try {
      waits(1_000_000);
      stderrLogger.warn({}, 'kept');
      waits(1_000_001);
      stderrLogger.warn({}, 'lost');
      expect(write.mock.calls.map(([text]) => String(text))).toEqual([expect.stringMatching(/Z warn kept\n$/)]);
    } finally {
      delete (process.stderr as { writableLength?: number }).writableLength;
      jest.restoreAllMocks();
    }
  });

  it.each([
    ['an error', new Error('no stock'), /\nError: no stock\n/],
    ['no error', { code: 5 }, /\n\{ code: 5 \}\n$/],
    ['what has no words', Object.create(null), /\n\{\}\n$/],
    ['what cannot be looked at', Proxy.revocable({}, {}), /warn text/],
  ])('describes %s in words', (_, err, words) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      stderrLogger.warn({ err }, 'text');
      expect(write.mock.calls.map(([text]) => String(text)).join('')).toMatch(words);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it.each([
    ['an error', (text: string) => new Error(text)],
    ['a cause', (text: string) => new Error('no stock', { cause: new TypeError(text) })],
    ['an error without a name', (text: string) => Object.assign(new Error(text), { stack: `${text}\n    at place` })],
  ])('shows the message of %s on one line, shortened, with escapes, above the places', (_, made) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      stderrLogger.error({ err: made(`\u001b[2Jfirst\nsecond \u202e${'x'.repeat(1_000_000)}\nlast`) }, 'text');
      const written = write.mock.calls.map(([text]) => String(text)).join('');
      expect(written).toMatch(/\\u001b\[2Jfirst\\nsecond \\u202ex+ … \(1000\d+ characters\) … x+\\nlast\n {4}at /);
      expect(written.length).toBeLessThan(10_000);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('shows the lines above the message of a syntax error', () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const err = Object.assign(new SyntaxError('Unexpected token'), {
        stack: 'a.js:1\nlet let\n    ^\n\nSyntaxError: Unexpected token\n    at place',
      });
      stderrLogger.error({ err }, 'text');
      expect(write.mock.calls.map(([text]) => String(text)).join('')).toContain(`\n${err.stack}\n`);
    } finally {
      jest.restoreAllMocks();
    }
  });
});
