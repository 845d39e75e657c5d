import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { CustomMessageBroker, JsonFileMessageBroker, processFunction, WaterMill } from 'watermill';
import { BatchStream } from 'watermill/batches';
import { makeFolders, makeFoldersSync } from '../../lib/files/make-folders.js';
import { rejection } from '../mill/support/rejection.js';
import { Item, Result } from '../support/items.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directory = temporaryDirectory();
const input = directory.file('items.ndjson');
writeFileSync(input, '{"n":1}\n');
afterAll(() => directory.remove());

const process = processFunction(Item, { emits: [Result] }, () => {});
const output = (options: object) => (file: string) => {
  const broker = new JsonFileMessageBroker(
    [
      [Item, input],
      [Result, file],
    ],
    options,
  );
  return new WaterMill({ process, broker }).run();
};
const progress = (folder: string) => {
  const broker = new CustomMessageBroker({
    sources: [[Item, () => []]],
    sinks: [[Result, () => {}]],
    progress: folder,
  });
  return new WaterMill({ process, broker }).run();
};

/** A folder in which no folder can be created, and none is ever there. */
const nowhere = (): string => {
  const link = directory.file('nowhere');
  if (!existsSync(link)) symlinkSync('/proc', link);
  return link;
};

// With Node's own way of creating parents, these never ended.
describe('a place in which no folder can be created is an error', () => {
  it.each<[string, (file: string) => Promise<unknown>]>([
    ['for an output', output({})],
    ['for the output of a group', output({ group: 'g' })],
    ['for a progress folder', progress],
    [
      'for a batch stream',
      (folder) => new BatchStream({ sources: { a: { read: () => undefined } }, directory: folder }).run(() => {}),
    ],
  ])('%s', async (_, use) => {
    const error = await rejection(use(`${nowhere()}/a/b`));
    expect(error.code).toBe('WM_OUTPUT_FAILED');
    expect(error.message).toMatch(/ENOENT|EPERM|EACCES/);
  });

  it('for a folder of the command line', () => {
    expect(() => makeFoldersSync(`${nowhere()}/a/b`)).toThrow(/ENOENT|EPERM|EACCES/);
  });
});

describe('folders are created', () => {
  it('with their parents, by several at the same time', async () => {
    const folder = directory.file('some/deep/folder');
    const made = await Promise.all(Array.from({ length: 20 }, () => makeFolders(folder)));
    expect(existsSync(folder)).toBe(true);
    expect(made).toContain(directory.file('some'));
    expect(await makeFolders(folder)).toBeUndefined();
    makeFoldersSync(directory.file('other/deep/folder'));
    expect(existsSync(directory.file('other/deep/folder'))).toBe(true);
  });

  it('not where there is a file', async () => {
    await expect(makeFolders(input)).rejects.toThrow('EEXIST');
    await expect(makeFolders(`${input}/a/b`)).rejects.toThrow('ENOTDIR');
    expect(() => makeFoldersSync(`${input}/a/b`)).toThrow('ENOTDIR');
  });
});
