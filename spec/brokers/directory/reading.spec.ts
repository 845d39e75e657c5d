import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  promises as fs,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  CustomMessageBroker,
  csv,
  DirectoryMessageBroker,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  Origin,
  processFunction,
  WaterMill,
} from 'watermill';
import { rejection } from '../../mill/support/rejection.js';
import { refusal } from '../../support/refusal.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { settled, until } from '../../support/virtual-clock.js';
import { CrashingFileSystem } from '../json-file/crashing-file-system.js';
import { atOnce, Item, lines, millOf, newFolderIn, put } from './support.js';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
afterEach(() => jest.restoreAllMocks());
const folder = () => newFolderIn(directory);
const newProgress = directory.newPath;
const byName = { order: 'name' } as const;

/** Three files of four elements. */
function threeFiles(): { path: string; texts: string[] } {
  const path = folder();
  const texts = Array.from({ length: 12 }, (_, i) => `e${i}`);
  for (let i = 0; i < 3; i++) put(path, `f${i}`, ...texts.slice(4 * i, 4 * i + 4));
  return { path, texts };
}

/** Runs until the call for an element throws. */
async function runUntil(path: string, text: string, progress: string, options = {}): Promise<string[]> {
  const { seen, mill } = millOf(path, { progress, options: { ...byName, ...options } }, (each) => {
    if (each === text) throw new Error('stopped here');
  });
  await rejection(mill.run());
  return seen;
}

describe('the elements of files', () => {
  it.each<[string, string, string | Buffer]>([
    ['lines', 'a.ndjson', lines('x', 'y')],
    ['lines without the last end', 'a.ndjson', lines('x', 'y').trim()],
    ['an array', 'a.json', JSON.stringify([{ text: 'x' }, { text: 'y' }])],
    ['packed lines', 'a.ndjson.gz', gzipSync(lines('x', 'y'))],
  ])('may be %s', async (_, name, text) => {
    const path = folder();
    writeFileSync(`${path}/${name}`, text);
    writeFileSync(`${path}/empty`, '');
    const { seen, mill } = millOf(path);
    await mill.run();
    expect(seen).toEqual(['x', 'y']);
  });

  it('of a file too large to buffer equal those of a buffered one', async () => {
    const path = folder();
    const long = 'x'.repeat(100_000);
    put(path, 'a', ...Array.from({ length: 200 }, (_, i) => `${i} ${long}`));
    put(path, 'b', 'last');
    const kept = newProgress();
    const first = await runUntil(path, `150 ${long}`, kept);
    const { seen, mill } = millOf(path, { progress: kept, options: byName });
    await mill.run();
    expect([...first, ...seen].map((text) => text.split(' ')[0])).toEqual([...Array(200).keys(), 'last'].map(String));
  });

  it('have the file and the position as origin', async () => {
    const { path } = threeFiles();
    const seen: unknown[] = [];
    const process = processFunction(Item, { inject: [Origin], emits: [] }, ({ text }, { position, headers }) => {
      seen.push([text, position, headers?.file]);
    });
    const broker = new DirectoryMessageBroker({ sources: [[Item, path, { ...atOnce, ...byName }]] });
    await new WaterMill({ process, broker }).run();
    expect(seen.slice(3, 6)).toEqual([
      ['e3', 3, 'f0'],
      ['e4', 4, 'f1'],
      ['e5', 5, 'f1'],
    ]);
  });

  it('that cannot be read are bad messages with file and line', async () => {
    const path = folder();
    put(path, 'a', 'x');
    writeFileSync(`${path}/b`, `${lines('y')}{"text":\n${lines('z')}`);
    const error = await rejection(millOf(path, { options: byName }).mill.run());
    expect(error.code).toBe('WM_BAD_MESSAGE');
    expect(error.message).toMatch(/Item at position 2 of .*, in the file b, cannot be read: line 2, column 9/);
    expect(error.details).toMatchObject({ file: 'b', line: 2 });
    const inputs = [[Item, { onBadMessage: 'skip' }]];
    const { seen, mill } = millOf(path, { options: byName, inputs });
    await mill.run();
    expect(seen).toEqual(['x', 'y', 'z']);
  });

  it.each<[string, string, RegExp, () => unknown]>([
    [
      'cannot be read',
      '{"text":5}',
      /^Item at position 1 of .*, line 2 of the file b c, cannot be read: field text must/,
      () => {},
    ],
    [
      'fail a call',
      '{"text":"z"}',
      / Position 1 is line 2 of the file b c\.$/,
      () => {
        throw new Error('no');
      },
    ],
  ])('that %s are reported with file and line', async (_, line, sentence, fail) => {
    const path = folder();
    put(path, 'a', 'x');
    writeFileSync(`${path}/b c`, `\n${line}\n`);
    const error = await rejection(millOf(path, { options: byName }, (text) => text === 'z' && fail()).mill.run());
    expect(error.message).toMatch(sentence);
    expect(error.details).toMatchObject({ position: 1, file: 'b c', line: 2 });
  });

  it('in an array are reported with their file', async () => {
    const path = folder();
    writeFileSync(`${path}/a`, '[{"text":"x"},{"text":5}]');
    const error = await rejection(millOf(path).mill.run());
    expect(error.message).toMatch(/^Item at position 1 of .*, in the file a, cannot be read: field text must/);
  });

  it('that are rows of CSV must be declared as such', async () => {
    const path = folder();
    writeFileSync(`${path}/a.csv`, 'text\nx\n');
    const error = await rejection(millOf(path).mill.run());
    expect(error.message).toMatch(/a\.csv, line 1, .*For rows of CSV, give the source a `pattern` that ends in \.csv/);
    const { seen, mill } = millOf(path, { options: { pattern: '*.csv' } });
    await mill.run();
    expect(seen).toEqual(['x']);
  });

  it('after a break in an array are not read, and the error has the position in the stream', async () => {
    const path = folder();
    put(path, 'a', 'x');
    writeFileSync(`${path}/b.json`, '[{"text":"y"},{"text":]');
    const { seen, mill } = millOf(path, { options: byName });
    const error = await rejection(mill.run());
    expect(seen).toEqual(['x', 'y']);
    expect(error).toMatchObject({ code: 'WM_FILE_BROKEN', details: { position: 2, file: 'b.json', line: 1 } });
  });

  it('that are one per file: one that cannot be decompressed is a bad message', async () => {
    const path = folder();
    writeFileSync(`${path}/a.gz`, Buffer.from([0x1f, 0x8b, 0, 0]));
    const error = await rejection(millOf(path, { options: { file: (text) => ({ text }) } }).mill.run());
    expect(error.code).toBe('WM_BAD_MESSAGE');
    expect(error.message).toMatch(/in the file a\.gz, cannot be read: It is gzip data that cannot be decompressed: /);
  });

  it('may be one per file', async () => {
    const path = folder();
    writeFileSync(`${path}/a`, '1\n2\n');
    writeFileSync(`${path}/b.gz`, gzipSync('3'));
    utimesSync(`${path}/a`, 1_000, 1_000);
    const file = jest.fn((text: string, { name }: { name: string }) => ({ text: `${name}=${text.trim()}` }));
    const { seen, mill } = millOf(path, { options: { ...byName, file } });
    await mill.run();
    expect(seen).toEqual(['a=1\n2', 'b.gz=3']);
    expect(file.mock.calls[0]).toEqual(['1\n2\n', { name: 'a', path: `${path}/a`, size: 4, modified: new Date(1e6) }]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no number');
      },
      /in the file a, cannot be read: The option `file` threw: no number/,
    ],
    ['gives a promise', async () => ({ text: '' }), /returned a promise/],
  ])('with a `file` that %s are bad messages', async (_, file, sentence) => {
    const path = folder();
    writeFileSync(`${path}/a`, 'x');
    const error = await rejection(millOf(path, { options: { file: file as never } }).mill.run());
    expect(error.code).toBe('WM_BAD_MESSAGE');
    expect(error.message).toMatch(sentence);
  });
});

describe('progress', () => {
  it('is exact to the element', async () => {
    const { path, texts } = threeFiles();
    for (const text of texts) {
      const kept = newProgress();
      const first = await runUntil(path, text, kept);
      const { seen, mill } = millOf(path, { progress: kept, options: byName });
      await mill.run();
      expect([...first, ...seen]).toEqual(texts);
    }
  });

  it('continues after an end with new files, and appends files of results to the previous ones', async () => {
    const { path, texts } = threeFiles();
    const kept = newProgress();
    const out = `${kept}.ndjson`;
    const run = async () => {
      const process = processFunction(Item, { emits: [Copy] }, ({ text }) => message(Copy, { text }));
      const broker = new DirectoryMessageBroker({ sources: [[Item, path, { ...atOnce, ...byName }]], progress: kept });
      await new WaterMill({ process, broker, outputBroker: new JsonFileMessageBroker([[Copy, out]]) }).run();
      return readFileSync(out, 'utf8');
    };
    expect(await run()).toBe(lines(...texts));
    expect(await run()).toBe(lines(...texts));
    put(path, 'f3', 'more', 'and more');
    expect(await run()).toBe(lines(...texts, 'more', 'and more'));
    expect(await run()).toBe(lines(...texts, 'more', 'and more'));
  });

  it('keeps at an end the links to files that elements of new files may match', async () => {
    const [items, copies, kept] = [folder(), folder(), newProgress()];
    const tree = joinStreams(Item, joinWith(Copy, { left: field(Item, 'text'), right: field(Copy, 'text') }));
    const seen: string[] = [];
    const run = async () => {
      const process = processFunction(tree, {}, ({ text }) => void seen.push(text));
      const options = { ...atOnce, ...byName };
      const sources = [
        [Item, items, options],
        [Copy, copies, { ...options, keep: 'link' }],
      ] as const;
      await new WaterMill({ process, broker: new DirectoryMessageBroker({ sources, progress: kept }) }).run();
    };
    put(items, 'f0', 'a', 'b');
    put(copies, 'f0', 'a', 'b');
    put(copies, 'f1', 'c');
    await run();
    rmSync(`${copies}/f0`);
    rmSync(`${copies}/f1`);
    put(items, 'f1', 'b', 'c');
    await run();
    expect(seen).toEqual(['a', 'b', 'b', 'c']);
  });

  it('has one owner', async () => {
    const { path } = threeFiles();
    const kept = newProgress();
    const { mill } = millOf(path, { progress: kept }, async () => {
      const error = await rejection(millOf(path, { progress: kept }).mill.run());
      expect(error.code).toBe('WM_GROUP_IN_USE');
    });
    await mill.run();
  });
});

class Copy extends Item {}

it.each([
  ['within the first file', 2],
  ['within a later file', 5],
])('progress that another broker keeps does not continue without the order of the files: %s', async (_, stopAt) => {
  const { path, texts } = threeFiles();
  const numbered = texts.map((text, i) => ({ text: String(i).padStart(2, '0'), was: text }));
  for (let i = 0; i < 3; i++) put(path, `f${i}`, ...numbered.slice(4 * i, 4 * i + 4).map(({ text }) => text));
  const leading = newProgress();
  const tree = joinStreams(
    Copy,
    joinWith(Item, { left: field(Copy, 'text'), right: field(Item, 'text'), kind: 'left' }),
  );
  const run = (progress?: string) => {
    const seen: string[] = [];
    const process = processFunction(tree, { emits: [] }, ({ text }) => {
      seen.push(text);
      if (seen.length === stopAt) void mill.stop();
    });
    const leader = new CustomMessageBroker({
      sources: [[Copy, numbered.map(({ text }) => ({ text }))]],
      progress: leading,
    });
    const files = new DirectoryMessageBroker({
      sources: [[Item, path, { ...atOnce, ...byName }]],
      ...(progress !== undefined && { progress }),
    });
    const mill: WaterMill = new WaterMill({ process, broker: [leader, files], commitEvery: { elements: 1 } });
    return { seen, run: mill.run() };
  };
  await run().run;
  rmSync(`${path}/f0`);
  const again = run();
  expect(await rejection(again.run)).toMatchObject({
    code: 'WM_BROKER_CANNOT_FOLLOW',
    message: expect.stringContaining('Give DirectoryMessageBroker a folder as `progress`'),
  });
  expect(again.seen).toEqual([]);

  // Nor if the folder of the order was lost.
  rmSync(leading, { recursive: true });
  put(path, 'f0', ...numbered.slice(0, 4).map(({ text }) => text));
  const kept = newProgress();
  await run(kept).run;
  rmSync(kept, { recursive: true });
  expect((await rejection(run(kept).run)).code).toBe('WM_PROGRESS_DAMAGED');
});

describe('a file that has changed', () => {
  /** Reads f0 and the first element of f1, applies a change, then continues in a second run. */
  async function meanwhile(change: (path: string) => void, options = {}) {
    const { path, texts } = threeFiles();
    const kept = newProgress();
    const first = await runUntil(path, 'e4', kept, options);
    change(path);
    const second = millOf(path, { progress: kept, options: { ...byName, ...options } });
    return { first, second, texts, kept, run: second.mill.run(), path };
  }

  it('is an error if it was deleted before it was read', async () => {
    const { run, second } = await meanwhile((path) => rmSync(`${path}/f2`));
    const error = await rejection(run);
    expect(error.code).toBe('WM_FILE_GONE');
    expect(error.message).toMatch(/f2 in .*, file 2 of Item, is gone.*onGone: 'skip'/);
    expect(error.details).toMatchObject({ position: 8, file: 'f2' });
    expect(second.seen).toEqual(['e4', 'e5', 'e6', 'e7']);
  });

  it('may be skipped permanently if it was deleted before it was read', async () => {
    const { run, second, path, kept } = await meanwhile((path) => rmSync(`${path}/f1`), { onGone: 'skip' });
    await run;
    expect(second.seen).toEqual(['e8', 'e9', 'e10', 'e11']);
    expect(second.warnings).toEqual([expect.stringMatching(/^f1 in .*disappeared before it was read, and is skipped/)]);
    expect(readFileSync(`${kept}/Item.journal`, 'utf8')).toContain('{"skip":1}');
    // It is a new file when it appears again.
    put(path, 'f3', 'new');
    const third = millOf(path, { progress: kept, options: { ...byName, onGone: 'skip' } });
    await third.mill.run();
    expect(third.seen).toEqual(['new']);
  });

  it('is always an error if a part of it was used', async () => {
    const { path } = threeFiles();
    const kept = newProgress();
    const options = { onGone: 'skip', onChanged: 'retry' } as const;
    await runUntil(path, 'e5', kept, options);
    appendFileSync(`${path}/f1`, lines('more'));
    const changed = await rejection(millOf(path, { progress: kept, options: { ...byName, ...options } }).mill.run());
    expect(changed.message).toMatch(/it grew from \d+ to \d+ bytes. A part of it was read before/);
    rmSync(`${path}/f1`);
    const gone = await rejection(millOf(path, { progress: kept, options: { ...byName, ...options } }).mill.run());
    expect(gone.message).toMatch(/A part of it was read before, so it is not skipped/);
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ['grown', (file) => appendFileSync(file, lines('more')), /it grew from/],
    ['shorter', (file) => writeFileSync(file, ''), /it shrank from/],
    ['touched', (file) => utimesSync(file, 5, 5), /it was written to/],
    [
      'a folder',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
      /it is a file no more|EISDIR|is gone/,
    ],
  ])('is an error if it was %s before it was read', async (_, change, sentence) => {
    const { run } = await meanwhile((path) => change(`${path}/f2`));
    expect((await rejection(run)).message).toMatch(sentence);
  });

  it('may be read once it has settled again', async () => {
    const { run, second, texts } = await meanwhile((path) => appendFileSync(`${path}/f2`, lines('more')), {
      onChanged: 'retry',
    });
    await run;
    expect(second.seen).toEqual([...texts.slice(4), 'more']);
  });

  it('is never half used if it changes while it is read', async () => {
    const { path } = threeFiles();
    const calls = jest.requireActual<typeof import('node:fs')>('node:fs');
    const { open, read } = calls;
    const f1 = new Set<number>();
    jest.spyOn(calls, 'open').mockImplementation(((
      file: string,
      flags: number,
      done: (...given: unknown[]) => void,
    ) => {
      open(file, flags, (error, descriptor) => {
        if (file === `${path}/f1`) f1.add(descriptor);
        done(error, descriptor);
      });
    }) as never);
    jest.spyOn(calls, 'read').mockImplementation(((descriptor: number, ...rest: unknown[]) => {
      const done = rest.pop() as (...given: unknown[]) => void;
      (read as Function)(descriptor, ...rest, (...given: unknown[]) => {
        if (f1.delete(descriptor)) appendFileSync(`${path}/f1`, lines('more'));
        done(...given);
      });
    }) as never);
    const { seen, mill } = millOf(path, { options: byName });
    const error = await rejection(mill.run());
    expect(error.code).toBe('WM_FILE_CHANGED');
    expect(seen).toEqual(['e0', 'e1', 'e2', 'e3']);
  });

  it('is reported once, and not read again, if it changes after it was read', async () => {
    const { path, texts } = threeFiles();
    const kept = newProgress();
    await millOf(path, { progress: kept, options: byName }).mill.run();
    appendFileSync(`${path}/f0`, lines('more'));
    utimesSync(`${path}/f1`, 5, 5);
    writeFileSync(`${path}/f2.tmp`, lines('other'));
    renameSync(`${path}/f2.tmp`, `${path}/f2`);
    put(path, 'f3', 'new');
    const second = millOf(path, { progress: kept, options: byName });
    await second.mill.run();
    expect(second.seen).toEqual(['new']);
    expect(second.warnings.map((text) => text.slice(0, 2)).sort()).toEqual(['f0', 'f1', 'f2']);
    const third = millOf(path, { progress: kept, options: byName });
    await third.mill.run();
    expect([...third.seen, ...third.warnings]).toEqual([]);
    expect(texts).toHaveLength(12);
  });

  it('is noticed by a run without new files: deleted, then new under the same name; changed, and reported', async () => {
    const path = folder();
    const progress = newProgress();
    put(path, 'a', '1');
    put(path, 'b', '2');
    const run = async () => {
      const { seen, warnings, mill } = millOf(path, { progress });
      const { ended } = await mill.run();
      return { seen, warnings: warnings.map((text) => text.slice(0, 1)), ended };
    };
    await run();
    rmSync(`${path}/a`);
    appendFileSync(`${path}/b`, lines('more'));
    expect(await run()).toEqual({ seen: [], warnings: ['b'], ended: 'already ended' });
    put(path, 'a', '3');
    expect(await run()).toEqual({ seen: ['3'], warnings: [], ended: 'master ended' });
    expect(await run()).toEqual({ seen: [], warnings: [], ended: 'already ended' });
  });

  it('is kept by a link until the commit, even if it is deleted or replaced', async () => {
    const keep = { keep: 'link' } as const;
    const { run, second, texts, kept } = await meanwhile((path) => {
      rmSync(`${path}/f1`);
      writeFileSync(`${path}/f2.tmp`, lines('other'));
      renameSync(`${path}/f2.tmp`, `${path}/f2`);
    }, keep);
    await run;
    expect(second.seen).toEqual(texts.slice(4));
    expect(readdirSync(`${kept}/Item.files`)).toEqual([]);
  });

  it('is not used if it changes between the check that it is complete and its link', async () => {
    const path = folder();
    put(path, 'a', 'half');
    const { link } = fs;
    jest.spyOn(fs, 'link').mockImplementation(async (...[from, to]) => {
      appendFileSync(from, lines('rest'));
      await link.call(fs, from, to);
    });
    const { mill, seen } = millOf(path, { progress: newProgress(), options: { keep: 'link' } });
    expect((await rejection(mill.run())).code).toBe('WM_FILE_CHANGED');
    expect(seen).toEqual([]);
  });

  it('cannot be kept by a link across file systems', async () => {
    const { path } = threeFiles();
    jest.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error('EXDEV'), { code: 'EXDEV' }));
    const error = await rejection(millOf(path, { progress: newProgress(), options: { keep: 'link' } }).mill.run());
    expect(error.code).toBe('WM_OUTPUT_FAILED');
    expect(error.message).toMatch(/two file systems.*Let `progress` be on the file system of the directory/);
  });
});

describe('a directory that', () => {
  it.each<[string, (path: string) => void, RegExp]>([
    ['is missing', (path) => rmSync(path, { recursive: true }), /found no such directory/],
    [
      'is a file',
      (path) => {
        rmSync(path, { recursive: true });
        writeFileSync(path, '');
      },
      /found something that is not a directory/,
    ],
    [
      'may not be read',
      () => jest.spyOn(fs, 'readdir').mockRejectedValue(Object.assign(new Error(), { code: 'EACCES' })),
      /may not read \(EACCES\)/,
    ],
  ])('%s is an error, never empty', async (_, change, sentence) => {
    const path = folder();
    change(path);
    const { broker, mill } = millOf(path);
    const process = processFunction(Item, { emits: [Item] }, (item) => item);
    const withResults = new WaterMill({ process, broker, outputBroker: new MemoryMessageBroker([]) });
    for (const each of [mill, withResults]) {
      const error = await rejection(each.run());
      expect(error.code).toBe('WM_DIRECTORY_UNREADABLE');
      expect(error.message).toMatch(sentence);
    }
  });

  it('disappears is an error, and none of its files counts as gone', async () => {
    const { path } = threeFiles();
    const kept = newProgress();
    const { seen, mill } = millOf(path, { progress: kept, options: { end: undefined } });
    const run = mill.run();
    await until(() => seen.length === 12);
    renameSync(path, `${path}-away`);
    expect((await rejection(run)).code).toBe('WM_DIRECTORY_UNREADABLE');
    renameSync(`${path}-away`, path);
    const again = millOf(path, { progress: kept });
    await again.mill.run();
    expect(again.seen).toEqual([]);
  });
});

describe('the journal', () => {
  it('may end anywhere: nothing depends on a torn line', async () => {
    const { path, texts } = threeFiles();
    const kept = newProgress();
    mkdirSync(kept);
    await runUntil(path, 'e0', kept);
    const journal = readFileSync(`${kept}/Item.journal`);
    for (let end = 0; end <= journal.length; end += 7) {
      rmSync(`${kept}/commit.json`, { force: true });
      writeFileSync(`${kept}/Item.journal`, journal.subarray(0, end));
      const { seen, mill } = millOf(path, { progress: kept, options: byName });
      await mill.run();
      expect(seen).toEqual(texts);
    }
  });

  it.each<[string, (lines: string[]) => void, RegExp]>([
    ['a line that is no JSON', (text) => text.splice(2, 1, '{"n":1,'), /JSON on line 3/],
    ['a line that is missing', (text) => text.splice(2, 1), /file 1 on line 3, found file 2/],
    ['another first line', (text) => text.splice(0, 1), /the first line of a journal/],
    [
      'less than was read',
      (text) => text.splice(2, 9),
      /: expected the files of .* up to 2, found those from 0 to 0\. /,
    ],
    ['no files', (text) => text.splice(1, 9), /: expected the files of .* up to 2, found none\. /],
    ['a record of another kind', (text) => text.splice(1, 1, '{"x":1}'), /a record on line 2/],
  ])('with %s is damaged', async (_, change, sentence) => {
    const { path } = threeFiles();
    const kept = newProgress();
    await runUntil(path, 'e9', kept);
    const text = readFileSync(`${kept}/Item.journal`, 'utf8').split('\n').slice(0, -1);
    change(text);
    writeFileSync(`${kept}/Item.journal`, text.map((line) => `${line}\n`).join(''));
    const error = await rejection(millOf(path, { progress: kept, options: byName }).mill.run());
    expect(error.code).toBe('WM_PROGRESS_DAMAGED');
    expect(error.message).toMatch(sentence);
  });

  it('drops files that are done and gone', async () => {
    const path = folder();
    const kept = newProgress();
    for (let i = 0; i < 1_500; i++) put(path, `f${String(i).padStart(4, '0')}`, String(i));
    await millOf(path, { progress: kept, options: byName }).mill.run();
    for (let i = 0; i < 1_499; i++) rmSync(`${path}/f${String(i).padStart(4, '0')}`);
    put(path, 'f9', 'x');
    await millOf(path, { progress: kept, options: byName }).mill.run();
    expect(readFileSync(`${kept}/Item.journal`, 'utf8').split('\n').length).toBeLessThan(10);
    put(path, 'f5', 'late');
    const error = await rejection(millOf(path, { progress: kept, options: byName }).mill.run());
    expect(error.code).toBe('WM_FILE_LATE');
    rmSync(`${path}/f5`);
    put(path, 'g', 'y');
    const { seen, mill } = millOf(path, { progress: kept, options: byName });
    await mill.run();
    expect(seen).toEqual(['y']);
  });

  it('that is rewritten after a commit keeps what a scan records in the meantime', async () => {
    const path = folder();
    const kept = newProgress();
    const journal = () => readFileSync(`${kept}/Item.journal`, 'utf8');
    const names = Array.from({ length: 600 }, (_, i) => `f${String(i).padStart(4, '0')}`);
    for (const name of names) put(path, name, name);
    const options: object = { ...byName, end: undefined };
    const { seen, mill } = millOf(path, { progress: kept, options, commitEvery: { ms: 20 } });
    const run = mill.run();
    await until(() => seen.length === names.length);
    for (const name of names) rmSync(`${path}/${name}`);
    await until(() => journal().includes('{"gone":599}'));
    const rename = fs.rename;
    jest.spyOn(fs, 'rename').mockImplementation(async (from, to) => {
      if (String(to).endsWith('.journal')) {
        put(path, 'later', 'later');
        // Time for a scan to find it.
        for (let i = 0; i < 100 && !journal().includes('"later"'); i++) await settled();
      }
      await rename(from, to);
    });
    put(path, 'last', 'last');
    await until(() => seen.includes('later'));
    await mill.stop();
    await run;
    jest.restoreAllMocks();
    expect(journal().split('\n').length).toBeLessThan(10);
    put(path, 'next', 'next');
    const again = millOf(path, { progress: kept, options: byName });
    await again.mill.run();
    expect([...seen, ...again.seen]).toEqual([...names, 'last', 'later', 'next']);
  });
});

describe.each<[string, object]>([
  ['plainly', {}],
  ['with links', { keep: 'link' }],
])('a run killed between any two calls of the file system (%s)', (_, options) => {
  it('has the results of an uninterrupted run', async () => {
    let call = 1;
    for (let died = true; died && call < 200; call++) {
      const path = folder();
      const texts = ['e0', 'e1', 'e2', 'e3'];
      put(path, 'f0', 'e0', 'e1');
      put(path, 'f1', 'e2', 'e3');
      const kept = newProgress();
      const out = new MemoryResults();
      const system = new CrashingFileSystem(call);
      await out.run(path, kept, options).catch(() => {});
      died = system.died;
      await system.restore();
      for (const name of existsSync(kept) ? readdirSync(kept) : []) {
        if (name.endsWith('.lock')) rmSync(`${kept}/${name}`);
      }
      put(path, 'f3', 'new');
      await out.run(path, kept, options);
      expect({ call, texts: out.texts }).toEqual({ call, texts: [...texts, 'new'] });
    }
    expect(call).toBeGreaterThan(20);
  }, 120_000);

  /** Stores the committed results, like a sink that supports positions. */
  class MemoryResults {
    texts: string[] = [];

    async run(path: string, progress: string, more: object): Promise<void> {
      const process = processFunction(Item, { inject: [Origin], emits: [] }, ({ text }, { position }) => {
        expect(this.texts[position] ?? text).toBe(text);
        this.texts[position] = text;
      });
      const broker = new DirectoryMessageBroker({
        sources: [[Item, path, { ...atOnce, ...byName, ...more }]],
        progress,
      });
      await new WaterMill({ process, broker, commitEvery: { elements: 3 } }).run();
    }
  }
});

describe('refused options', () => {
  it.each<[string, unknown, RegExp]>([
    ['no sources', {}, /The option 'sources'.*expected an array/],
    ['an unknown option', { sources: [], folder: 1 }, /DirectoryMessageBroker has no option "folder"/],
    ['no directory', { sources: [[Item]] }, /The entry of Item.*path of a directory/],
    [
      'two entries of a class',
      {
        sources: [
          [Item, 'a'],
          [Item, 'b'],
        ],
      },
      /one entry per class/,
    ],
    [
      'an unknown option of a source',
      { sources: [[Item, 'a', { glob: '*' }]] },
      /The entry of Item of DirectoryMessageBroker has no option "glob"/,
    ],
    ['a format of its own', { sources: [[Item, 'a', { format: 'csv' }]] }, /expected format: csv\(\) or lines\(\)/],
    ['file with format', { sources: [[Item, 'a', { file: () => 1, format: csv() }]] }, /no format with it/],
    [
      'a serializer',
      { sources: [[Item, 'a', { serializer: () => 1 }]] },
      /has no option "serializer". Did you mean deserializer\?/,
    ],
    [
      'settleMs beside marker',
      { sources: [[Item, 'a', { settleMs: 5, marker: '.done' }]] },
      /no settleMs with a marker/,
    ],
    ['progress among the data', { sources: [[Item, 'a']], progress: 'a/' }, /'progress'.*not data of a: elsewhere/],
    [
      'progress in a folder of the data',
      { sources: [[Item, 'a', { recursive: true }]], progress: 'a/b/c' },
      /'progress'.*not data of a: elsewhere/,
    ],
    ['keep without progress', { sources: [[Item, 'a', { keep: 'link' }]] }, /`progress` with it/],
    ['file with raw', { sources: [[Item, 'a', { file: () => 1, raw: true }]] }, /no deserializer and no raw/],
    ['another order', { sources: [[Item, 'a', { order: 'size' }]] }, /'created', 'modified', 'name' or a function/],
    ['another end', { sources: [[Item, 'a', { end: true }]] }, /'when empty'/],
    ['a negative settleMs', { sources: [[Item, 'a', { settleMs: -1 }]] }, /whole number of milliseconds, 0 or more/],
    ['scanEveryMs 0', { sources: [[Item, 'a', { scanEveryMs: 0 }]] }, /above 0/],
  ])('%s', (_, options, sentence) => {
    const error = refusal(() => new DirectoryMessageBroker(options as never));
    expect(error.code).toBe('WM_BROKER_OPTIONS');
    expect(error.message).toMatch(sentence);
  });

  it.each<[string, string, object]>([
    ['beside them', 'ab', {}],
    ['where they are in another folder', '../a', { recursive: true }],
    ['in a folder that is not read', 'a/b', {}],
    ['in a hidden folder', 'a/b/.state', { recursive: true }],
    ['under names that the pattern leaves out', 'a', { pattern: '*.ndjson' }],
  ])('but not progress next to the data, %s', (_, progress, options) => {
    expect(() => new DirectoryMessageBroker({ sources: [[Item, 'a', options]], progress })).not.toThrow();
  });

  it('results: it is read-only', () => {
    const broker = new DirectoryMessageBroker({
      sources: [
        [Item, 'a'],
        [Copy, 'b'],
      ],
    });
    const process = processFunction(Item, { emits: [Copy] }, () => undefined);
    const error = refusal(() => new WaterMill({ process, broker }));
    expect(error.message).toMatch(/DirectoryMessageBroker only reads, and the mill writes Copy.*outputBroker/);
    const without = new DirectoryMessageBroker({ sources: [[Item, 'a']] });
    expect(refusal(() => new WaterMill({ process, broker: without })).message).toBe(error.message);
  });
});

it.each(['commit.json', 'Item.journal'])('a named pipe in the place of %s does not block', async (name) => {
  const progress = newProgress();
  mkdirSync(progress);
  execFileSync('mkfifo', [`${progress}/${name}`]);
  const error = await rejection(millOf(folder(), { progress }).mill.run());
  expect(error).toMatchObject({ code: 'WM_OUTPUT_FAILED', message: expect.stringContaining('is not a regular file') });
});
