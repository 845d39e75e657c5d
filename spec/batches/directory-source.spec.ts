import { promises as fs, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { BatchStream, directorySource } from 'watermill/batches';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { until } from '../support/virtual-clock.js';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const signal = new AbortController().signal;
const names = (batch: { data: readonly { name: string }[]; to: number } | undefined) =>
  batch && [batch.data.map(({ name }) => name).join(), batch.to];

function folder(name: string, ...files: string[]): string {
  const path = directory.file(name);
  mkdirSync(path, { recursive: true });
  for (const file of files) writeFileSync(`${path}/${file}`, file);
  return path;
}

const options = { order: 'name', settleMs: 0, maxFiles: 2 } as const;

test('repeats a batch with the same bounds, whatever has arrived since, even for a new source', async () => {
  const path = folder('bounds', 'b', 'c', 'd');
  const source = directorySource(path, options);
  expect(names(await source.read({ after: undefined, to: undefined, signal }))).toEqual(['b,c', 1]);
  folder('bounds', 'e', '.hidden', 'f.tmp');
  const other = directorySource(path, options);
  expect(names(await other.read({ after: undefined, to: 1, signal }))).toEqual(['b,c', 1]);
  expect(names(await other.read({ after: 1, to: undefined, signal }))).toEqual(['d', 2]);
  expect(names(await other.read({ after: 2, to: undefined, signal }))).toEqual(['e', 3]);
  expect(await source.read({ after: 3, to: undefined, signal })).toBeUndefined();
  expect(names(await source.read({ after: 1, to: 3, signal }))).toEqual(['d,e', 3]);
});

test('waits until files have settled, and converts them with `file`', async () => {
  const path = folder('settling', 'a');
  const source = directorySource(path, { settleMs: 5, file: (text, { size }) => `${text} ${size}` });
  expect(await source.read({ after: undefined, to: undefined, signal })).toEqual({ data: ['a 1'], to: 0 });
});

test('fails for a file that is gone or changed, and for a missing directory', async () => {
  const path = folder('gone', 'a', 'b');
  const source = directorySource(path, options);
  await source.read({ after: undefined, to: undefined, signal });
  writeFileSync(`${path}/a`, 'longer');
  const again = async () => source.read({ after: undefined, to: 1, signal });
  expect((await rejection(again())).code).toBe('WM_FILE_CHANGED');
  rmSync(`${path}/a`);
  const gone = await rejection(again());
  expect(gone.code).toBe('WM_FILE_GONE');
  expect(gone.message).toMatch(/still to be read\. Restore it, or give up the batch, .*onRestart: 'decide anew'\.$/);
  const missing = directorySource(directory.file('none'), options);
  const error = await rejection((async () => missing.read({ after: undefined, to: undefined, signal }))());
  expect(error.code).toBe('WM_DIRECTORY_UNREADABLE');
});

describe('a file that cannot be read', () => {
  const read = async (path: string, after?: number, more = {}) =>
    directorySource(path, { ...options, maxFiles: 10, ...more }).read({ after, to: undefined, signal });

  test('is the first of a batch: the files before it are a batch, so that only it is skipped', async () => {
    const path = folder('first-of-batch', 'a', 'b', 'c', 'd', 'e');
    await read(path);
    for (const name of ['c', 'd']) rmSync(`${path}/${name}`);
    expect(names(await read(path))).toEqual(['a,b', 1]);
    const { code, message } = await rejection(read(path, 1));
    expect(code).toBe('WM_FILE_GONE');
    expect(message).toMatch(/ Restore the files 2 to 3, or skip them with resetStream\(\): `to: 3`\.$/);
    expect(names(await read(path, 3))).toEqual(['e', 4]);
  });

  test.each<[string, Buffer, RegExp]>([
    ['is not UTF-8', Buffer.from([0xff]), /: its text is not UTF-8\. .*Restore it, or skip it with .*: `to: 0`\.$/],
    ['is damaged', Buffer.from([0x1f, 0x8b, 0, 0]), /: unknown compression method\. .*Restore it, or skip it with/],
  ])('is named if it %s', async (name, bytes, sentence) => {
    const path = folder(name);
    writeFileSync(`${path}/x`, bytes);
    const { code, message } = await rejection(read(path));
    expect([code, message.split(' ')[0]]).toEqual(['WM_FILE_UNREADABLE', 'x']);
    expect(message).toMatch(sentence);
  });
});

test('refuses offsets that its journal does not have: files would be skipped', async () => {
  const path = folder('lost-journal', 'a', 'b', 'c');
  const read = async (after: number, to?: number) => directorySource(path, options).read({ after, to, signal });
  await read(-1);
  for (const wrong of [3, -2, 1.5, 'b' as never, null as never]) {
    const { code, message } = await rejection(read(wrong));
    expect(code).toBe('WM_PROGRESS_DAMAGED');
    expect(message).toMatch(/does not fit .* one up to 2, found .* or say where to continue with resetStream\(\)\.$/);
  }
  expect((await rejection(read(0, 7))).code).toBe('WM_PROGRESS_DAMAGED');
  rmSync(`${path}/.watermill`, { recursive: true });
  expect((await rejection(read(2))).message).toMatch(/: expected an offset of a file in it, none, since it is empty,/);
});

test('does not hold the journal while it waits for files to settle, and stops waiting at once', async () => {
  const path = folder('both', 'a', 'b');
  const abort = new AbortController();
  const request = { after: undefined, to: undefined };
  const unlink = jest.spyOn(fs, 'unlink');
  const slow = directorySource(path, { pattern: 'a', settleMs: 600_000 });
  const waiting = slow.read({ ...request, signal: abort.signal });
  // The lock of the journal is released.
  await until(() => unlink.mock.calls.length > 0);
  unlink.mockRestore();
  const other = directorySource(path, { ...options, pattern: 'b' });
  expect(names(await other.read({ ...request, signal }))).toEqual(['b', 0]);
  abort.abort();
  expect(await waiting).toBeUndefined();
});

test('does not wait for files to settle if it is stopped during a scan', async () => {
  const abort = new AbortController();
  const source = directorySource(folder('stopped', 'a'), { settleMs: 60_000 });
  const batch = source.read({ after: undefined, to: undefined, signal: abort.signal });
  abort.abort();
  expect(await batch).toBeUndefined();
}, 20_000);

test('reports a changed file once, also when another process has written to the journal since', async () => {
  const path = folder('reported', 'a');
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const [one, other] = [directorySource(path, options), directorySource(path, options)];
  await one.read({ after: undefined, to: undefined, signal });
  writeFileSync(`${path}/a`, 'longer');
  for (const [n, name] of ['b', 'c'].entries()) {
    await one.read({ after: n, to: undefined, signal });
    writeFileSync(`${path}/${name}`, name);
    await other.read({ after: n, to: undefined, signal });
  }
  await one.read({ after: 2, to: undefined, signal });
  const reports = warn.mock.calls.filter(([text]) => String(text).startsWith('a in'));
  warn.mockRestore();
  // Each source reports it: they may be in different processes.
  expect(reports.length).toBe(2);
});

test('names the file if `file` throws', async () => {
  const path = folder('throws', 'a');
  const file = (): never => {
    throw new Error('no number');
  };
  const source = directorySource(path, { ...options, file });
  await expect(source.read({ after: undefined, to: undefined, signal })).rejects.toThrow(
    `the option \`file\` threw for a in ${path}: no number`,
  );
});

test('is a source of a batch stream', async () => {
  const path = folder('stream', '1', '2', '3');
  const seen: string[][] = [];
  const sources = { numbers: directorySource(path, options) };
  const stream = new BatchStream({ sources, directory: directory.file('state'), catchUp: true });
  await stream.run(({ numbers = [] }) => {
    seen.push(numbers.map(({ text }) => text));
    if (seen.length === 2) void stream.stop();
  });
  expect(seen).toEqual([['1', '2'], ['3']]);
});
