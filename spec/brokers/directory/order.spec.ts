import { promises as fs, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import type { FoundFile } from '../../../lib/brokers/directory/found-file.js';
import { Settling } from '../../../lib/brokers/directory/settling.js';
import { rejection } from '../../mill/support/rejection.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { until } from '../../support/virtual-clock.js';
import { atOnce, millOf, newFolderIn, put } from './support.js';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
afterEach(() => jest.restoreAllMocks());
const folder = () => newFolderIn(directory);
const progress = directory.newPath;
/** Sets the modification time of a file, in seconds. */
const touch = (file: string, seconds: number): void => utimesSync(file, seconds, seconds);

async function read(path: string, options = {}): Promise<string[]> {
  const { seen, mill } = millOf(path, { options });
  await mill.run();
  return seen;
}

describe('the order of files', () => {
  it('is by creation time, then by name', async () => {
    const path = folder();
    for (const name of ['b', 'a', 'c']) put(path, name, name);
    const stats = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => ({ name, ...(await fs.stat(`${path}/${name}`, { bigint: true })) })),
    );
    const expected = stats
      .sort((x, y) =>
        x.birthtimeNs < y.birthtimeNs ? -1 : x.birthtimeNs > y.birthtimeNs ? 1 : x.name < y.name ? -1 : 1,
      )
      .map(({ name }) => name);
    expect(await read(path)).toEqual(expected);
  });

  it.each<[string, object, string[]]>([
    ['modified', { order: 'modified' }, ['c', 'b', 'a']],
    ['name', { order: 'name' }, ['a', 'b', 'c']],
    ['a key', { order: (name: string) => -name.charCodeAt(0) }, ['c', 'b', 'a']],
    ['equal keys, then names', { order: () => 1 }, ['a', 'b', 'c']],
  ])('may be by %s', async (_, options, expected) => {
    const path = folder();
    for (const [i, name] of ['b', 'a', 'c'].entries()) touch(put(path, name, name), [200, 300, 100][i]!);
    expect(await read(path, options)).toEqual(expected);
  });

  it.each<[object, boolean]>([
    [{}, true],
    [{ order: 'modified' }, true],
    [{ order: 'name' }, false],
    [{ order: (name: string) => name.length }, false],
    [{ order: 'name', onLate: 'read' }, true],
  ])('is reported to depend on scans unless names determine it: %p', (options, dependsOnScans) => {
    const words = millOf(folder(), { options }).mill.explain();
    expect(words.includes('\n  Item depends on which files each scan of the directory finds\n')).toBe(dependsOnScans);
    expect(words.includes('\nReproducible')).toBe(!dependsOnScans);
  });

  it('is by name for 2,000 files with equal times, also after restarts', async () => {
    const path = folder();
    const names = Array.from({ length: 2_000 }, (_, i) => String((i * 7_919) % 2_000).padStart(4, '0'));
    for (const name of names) touch(put(path, name, name), 1_000);
    const kept = progress();
    const first = millOf(path, { progress: kept, options: { order: 'modified' } }, (text) => {
      if (text === '0700') throw new Error('stop');
    });
    await rejection(first.mill.run());
    // A restart that derived the order again would begin with these.
    for (const name of names.filter((each) => each > '1500')) touch(`${path}/${name}`, 1);
    const second = millOf(path, { progress: kept, options: { order: 'modified', onChanged: 'retry' } });
    await second.mill.run();
    expect([...first.seen, ...second.seen]).toEqual([...names].sort());
  });

  it('does not depend on a clock that goes back', async () => {
    const path = folder();
    touch(put(path, 'a', 'a'), 2_000_000_000);
    const { seen, mill } = millOf(path, { options: { order: 'modified', end: undefined } });
    const run = mill.run();
    await until(() => seen.length === 1);
    touch(put(path, 'b', 'b'), 1_000);
    await until(() => seen.length === 2);
    put(path, 'c', 'c');
    await until(() => seen.length === 3);
    await mill.stop();
    await run;
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it.each<[string, 'read' | 'skip', string[]]>([
    ['read as it comes', 'read', ['b', 'a', 'c']],
    ['left out', 'skip', ['b', 'c']],
  ])('by name: a late file may be %s', async (_, onLate, expected) => {
    const path = folder();
    const kept = progress();
    put(path, 'b', 'b');
    const run = async () => {
      const { seen, warnings, mill } = millOf(path, { progress: kept, options: { order: 'name', onLate } });
      await mill.run();
      return { seen, warnings };
    };
    const first = await run();
    put(path, 'a', 'a');
    put(path, 'c', 'c');
    const second = await run();
    const third = await run();
    expect([...first.seen, ...second.seen, ...third.seen]).toEqual(expected);
    expect([...second.warnings, ...third.warnings]).toEqual(
      onLate === 'skip' ? [expect.stringMatching(/^a in .*It sorts before "b".* left out$/)] : [],
    );
  });

  it('by name: a late file is an error, and moves no positions', async () => {
    const path = folder();
    const kept = progress();
    put(path, 'b', 'b');
    const options = { order: 'name' } as const;
    await millOf(path, { progress: kept, options }).mill.run();
    put(path, 'a', 'a');
    const error = await rejection(millOf(path, { progress: kept, options }).mill.run());
    expect(error.code).toBe('WM_FILE_LATE');
    expect(error.message).toMatch(
      /a in .*, a file of Item, arrived too late: expected .* at least "b".* found "a".*onLate/,
    );
    rmSync(`${path}/a`);
    put(path, 'c', 'c');
    const { seen, mill } = millOf(path, { progress: kept, options });
    await mill.run();
    expect(seen).toEqual(['c']);
  });

  it('by name: an incomplete file holds back the files after it', async () => {
    const path = folder();
    for (const name of ['a', 'c', 'd']) put(path, name, name);
    for (const name of ['a', 'd']) writeFileSync(`${path}/${name}.done`, '');
    const { seen, mill } = millOf(path, { options: { settleMs: undefined, order: 'name', marker: '.done' } });
    const run = mill.run();
    await until(() => seen.length === 1);
    put(path, 'b', 'b');
    writeFileSync(`${path}/b.done`, '');
    await until(() => seen.length === 2);
    writeFileSync(`${path}/c.done`, '');
    await run;
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each<[string, (name: string) => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no date in it');
      },
      /found an error: no date in it/,
    ],
    ['gives no key', () => null, /found null/],
    ['gives keys of two types', (name) => (name === 'a' ? 1 : 'b'), /found .+ and ./],
  ])('by a function that %s is an error', async (_, order, sentence) => {
    const path = folder();
    for (const name of ['a', 'b']) put(path, name, name);
    const error = await rejection(millOf(path, { options: { order: order as never } }).mill.run());
    expect(error.code).toBe('WM_INVALID_KEY');
    expect(error.message).toMatch(sentence);
  });
});

describe('a data file', () => {
  it('is not hidden or unfinished, and is a regular file', async () => {
    const path = folder();
    for (const name of [
      '.hidden',
      '_temporary',
      'a.tmp',
      'a.PARTIAL',
      'a.part',
      'a.new',
      'a.crdownload',
      'a~',
      'sub/x',
      'sums.json.123-456-48e35b00b44b-ce278aedab6f.lock',
      'door.lock',
      'yes',
    ]) {
      put(path, name, name);
    }
    symlinkSync(`${path}/nowhere`, `${path}/dangling`);
    symlinkSync(put(directory.path, 'elsewhere', 'linked'), `${path}/zlink`);
    expect(await read(path, { order: 'name' })).toEqual(['door.lock', 'yes', 'linked']);
  });

  it.each<[string, Buffer, object]>([
    ['a file', Buffer.from('/caf\xe9', 'latin1'), {}],
    ['a folder', Buffer.from('/\xe9/a', 'latin1'), { recursive: true }],
  ])('is refused if the name of %s is not UTF-8: it would never be found', async (what, name, options) => {
    const path = folder();
    for (const legal of ['a', '\ufffd']) put(path, legal, legal);
    expect(await read(path, { order: 'name' })).toEqual(['a', '\ufffd']);
    const bytes = Buffer.concat([Buffer.from(path), name]);
    if (what === 'a folder') mkdirSync(bytes.subarray(0, bytes.lastIndexOf('/')));
    writeFileSync(bytes, '');
    const error = await rejection(millOf(path, { options }).mill.run());
    expect(error.code).toBe('WM_FILE_UNREADABLE');
    expect(error.message).toMatch(/\ufffd in .*, of Item, cannot be read: expected a name in UTF-8.*Rename it/);
    expect(await read(path, { order: 'name', pattern: 'a*' })).toEqual(['a']);
  });

  it('may be in a folder, but not in a hidden one', async () => {
    const path = folder();
    for (const name of ['b/x', 'a/deep/y', '.git/z', '_old/z', 'c']) put(path, name, name);
    expect(await read(path, { order: 'name', recursive: true })).toEqual(['a/deep/y', 'b/x', 'c']);
  });

  it.each(['[z-a]', 'a[9-0]*'])('cannot match the pattern %s, which is refused', (pattern) => {
    expect(() => millOf(folder(), { options: { pattern } })).toThrow(
      `The option 'pattern' of DirectoryMessageBroker is wrong: expected a pattern of names, such as *.ndjson or [a-z]*, found "${pattern}".`,
    );
  });

  it.each<[string, string[]]>([
    ['*.json', ['a.json', 'b/c.json']],
    ['b/*', ['b/c.json', 'b/d.txt']],
    ['**/*.{json,txt}', ['a.json', 'b/c.json', 'b/d.txt']],
    ['[!a].?son', ['b/c.json']],
    ['a+b(c).json', ['a+b(c).json']],
  ])('matches the pattern %s', async (pattern, expected) => {
    const path = folder();
    for (const name of ['a.json', 'b/c.json', 'b/d.txt', ...(pattern.startsWith('a+') ? ['a+b(c).json'] : [])]) {
      put(path, name, name);
    }
    expect(await read(path, { order: 'name', recursive: true, pattern })).toEqual(expected);
  });

  it('is complete when it has not changed for settleMs, by the clock of the mill', () => {
    const settling = new Settling(1_000);
    const look = (now: number, size: number, mtimeNs = '1') =>
      settling.settled([{ name: 'a', size, mtimeNs } as FoundFile], now).length;
    expect([look(0, 2), look(900, 2), settling.nextAt]).toEqual([0, 0, 1_000]);
    expect([look(950, 4), look(1_900, 4), settling.nextAt]).toEqual([0, 0, 1_950]);
    expect([look(1_920, 4, '2'), look(2_919, 4, '2'), look(2_920, 4, '2')]).toEqual([0, 0, 1]);
    expect(settling.nextAt).toBeUndefined();
  });

  it('is complete when its marker exists, and the end waits for it', async () => {
    const path = folder();
    put(path, 'a', 'a');
    const { seen, mill } = millOf(path, { options: { settleMs: undefined, marker: '.ok' } });
    const run = mill.run();
    put(path, 'b', 'b');
    writeFileSync(`${path}/b.ok`, '');
    await until(() => seen.length === 1);
    writeFileSync(`${path}/a.ok`, '');
    await run;
    expect(seen).toEqual(['b', 'a']);
  });

  it('is a new file if its name was gone and is back, or if it has changed', async () => {
    const path = folder();
    put(path, 'a', '1');
    const { seen, mill } = millOf(path, { options: { end: undefined } });
    const run = mill.run();
    await until(() => seen.length === 1);
    rmSync(`${path}/a`);
    put(path, 'b', '2');
    await until(() => seen.length === 2);
    put(path, 'a', '3');
    await until(() => seen.length === 3);
    renameSync(`${path}/a`, `${path}/c`);
    await until(() => seen.length === 4);
    await mill.stop();
    await run;
    expect(seen).toEqual(['1', '2', '3', '3']);
  });
});

test('is checked by later scans only in part: new files, and a bounded number of others', async () => {
  const path = folder();
  for (let i = 0; i < 3_000; i++) put(path, `f${i}`, String(i));
  const { seen, mill } = millOf(path, { options: { ...atOnce, end: undefined } });
  const stat = jest.spyOn(fs, 'stat');
  const open = jest.spyOn(jest.requireActual<typeof import('node:fs')>('node:fs'), 'open');
  const list = jest.spyOn(fs, 'readdir');
  const run = mill.run();
  await until(() => seen.length === 3_000);
  const looks = stat.mock.calls.length;
  // Each file was checked once on arrival; a scan checks at most 256 of those that were read.
  expect(looks).toBeLessThanOrEqual(3_000 + 256 * list.mock.calls.length);
  expect(open.mock.calls.length).toBeGreaterThanOrEqual(3_000);
  expect(open.mock.calls.length).toBeLessThan(3_010);
  // The last of them may be in progress.
  const scans = list.mock.calls.length - 1;
  put(path, 'last', 'last');
  await until(() => seen.length === 3_001);
  expect(stat.mock.calls.length - looks).toBeLessThanOrEqual(1 + 256 * (list.mock.calls.length - scans));
  await mill.stop();
  await run;
  expect(new Set(seen).size).toBe(3_001);
});
