import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { BatchStream, directorySource } from 'watermill/batches';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

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
  expect(gone.message).toMatch(/still to be read\. Restore the previous file, or skip it with resetStream\(\)\.$/);
  const missing = directorySource(directory.file('none'), options);
  const error = await rejection((async () => missing.read({ after: undefined, to: undefined, signal }))());
  expect(error.code).toBe('WM_DIRECTORY_UNREADABLE');
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
