import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

const program = path.join(__dirname, 'fixtures/read-input.cjs');
const text = Array.from({ length: 10_000 }, (_, n) => `{"n":${n}}\n`).join('');
const sum = 'running\nsum 49995000\n';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

async function outcomeOf(child: ChildProcess): Promise<{ out: string; error: string; code: number | null }> {
  let out = '';
  let error = '';
  child.stdout!.on('data', (piece) => {
    out += piece;
  });
  child.stderr!.on('data', (piece) => {
    error += piece;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { out, error, code };
}

describe.each(['-', '/dev/stdin'])('standard input as %s', (name) => {
  test.each<[string, string | Uint8Array]>([
    ['text', text],
    ['packed', gzipSync(text)],
  ])('is read if another program provides it: %s', async (_, content) => {
    const child = spawn(process.execPath, [program, name]);
    child.stdin.end(content);
    expect(await outcomeOf(child)).toEqual({ out: sum, error: '', code: 0 });
  });

  test('is read through a shell pipe, and from a file', async () => {
    writeFileSync(directory.file('a.ndjson'), text);
    for (const command of [`cat a.ndjson | "$0" "$1" ${name}`, `"$0" "$1" ${name} < a.ndjson`]) {
      const child = spawn('sh', ['-c', command, process.execPath, program], { cwd: directory.path });
      expect(await outcomeOf(child)).toEqual({ out: sum, error: '', code: 0 });
    }
  });

  test('is empty if nothing is written', async () => {
    const child = spawn(process.execPath, [program, name]);
    child.stdin.end();
    expect((await outcomeOf(child)).out).toBe('running\nsum 0\n');
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends a service that waits for a pipe without a writer',
  async (signal) => {
    execFileSync('mkfifo', [directory.file('pipe')]);
    const child = spawn(process.execPath, [program, directory.file('pipe')]);
    child.stdout.once('data', () => child.kill(signal));
    expect(await outcomeOf(child)).toEqual({ out: 'running\nsum 0\n', error: '', code: 0 });
  },
);
