import { promises as fs, writeFileSync } from 'node:fs';
import {
  CustomMessageBroker,
  DirectoryMessageBroker,
  JsonFileMessageBroker,
  processFunction,
  WaterMill,
} from 'watermill';
import { BatchStream } from 'watermill/batches';
import { rejection } from '../mill/support/rejection.js';
import { Item } from '../support/items.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directory = temporaryDirectory();
const file = directory.file('items.ndjson');
writeFileSync(file, '{"n":1}\n');
afterAll(() => directory.remove());
afterEach(() => jest.restoreAllMocks());

const folder = directory.newPath;
const run = (broker: CustomMessageBroker<any, any> | DirectoryMessageBroker<any> | JsonFileMessageBroker<any>) =>
  new WaterMill({ process: processFunction(Item, { emits: [] }, () => {}), broker }).run();

const places: readonly (readonly [what: string, use: () => Promise<unknown>])[] = [
  ['an input', () => run(new JsonFileMessageBroker([[Item, file]]))],
  ['the progress of a group', () => run(new JsonFileMessageBroker([[Item, file]], { group: 'g' }))],
  [
    'a progress folder',
    () => run(new CustomMessageBroker<any, any>({ sources: [[Item, () => [{ n: 1 }]]] as never, progress: folder() })),
  ],
  [
    'a directory',
    () =>
      run(
        new DirectoryMessageBroker({
          sources: [[Item, directory.path, { pattern: '*.ndjson', settleMs: 0, end: 'when empty' }]],
          progress: folder(),
        }),
      ),
  ],
  [
    'a batch stream',
    () => new BatchStream({ sources: { a: { read: () => ({ data: 1, to: 1 }) } }, directory: folder() }).run(() => {}),
  ],
];

describe.each(places)('an error of the file system says what to do: %s', (_, use) => {
  it.each([
    ['ENOSPC', 'Make room on the disk'],
    ['EMFILE', 'ulimit -n'],
    ['ENFILE', 'of the whole system'],
    ['ENAMETOOLONG', 'a shorter name'],
  ])('%s', async (code, remedy) => {
    const failure = Object.assign(new Error(`${code}: it failed, open`), { code });
    jest.spyOn(fs, 'open').mockRejectedValue(failure);
    const error = await rejection(use());
    expect(error.code).toMatch(/^WM_/);
    expect(error.message).toContain(`${code}: it failed, open`);
    expect(error.message).toContain(remedy);
    expect(error.message).toMatch(/[^.]\.$/);
  });
});
