import {
  existsSync,
  promises as fs,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { Field, JsonFileMessageBroker, type JsonFileOptions, Message, message } from 'watermill';
import { connect } from '../../../lib/conformance/conformance-run.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Source {
  @Field() n!: number;
}

@Message()
class Result {
  @Field({ name: 'value_n' }) n!: number;
  @Field() text!: string;
}

const result = (n: number, text = 'é "quoted"') => message(Result, { n, text });
const line = (n: number, text = 'é "quoted"') => JSON.stringify({ value_n: n, text });

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const textOf = (name: string) => readFileSync(directory.file(name), 'utf8');

async function open(name: string, options: JsonFileOptions = {}, mark?: unknown) {
  const broker = new JsonFileMessageBroker([[Result, directory.file(name)]], options);
  const { connection, lane } = await connect(broker, [], [Result]);
  return { lane, connection, writer: await connection.openWriter('0', mark as never) };
}

async function writeAll(name: string, results: Result[], options: JsonFileOptions = {}): Promise<void> {
  const { writer, connection } = await open(name, options);
  await writer.write(0, results);
  await writer.end();
  await writer.publish();
  await connection.close();
}

describe('results', () => {
  test.each<[string, JsonFileOptions, string, string]>([
    ['r.json', {}, `[\n${line(1)},\n${line(2)}\n]\n`, '[]\n'],
    ['r.ndjson', {}, `${line(1)}\n${line(2)}\n`, ''],
    ['r.jsonl', {}, `${line(1)}\n${line(2)}\n`, ''],
    ['r.txt', { format: 'ndjson' }, `${line(1)}\n${line(2)}\n`, ''],
    ['r.ndjson', { format: 'array' }, `[\n${line(1)},\n${line(2)}\n]\n`, '[]\n'],
  ])('have the format %s (%j) by name or option', async (name, options, some, none) => {
    await writeAll(name, [result(1), result(2)], options);
    expect(textOf(name)).toBe(some);
    await writeAll(name, [], options);
    expect(textOf(name)).toBe(none);
    expect(readdirSync(directory.path)).toEqual([name]);
  });

  test('are compressed by name', async () => {
    const results = Array.from({ length: 20_000 }, (_, n) => result(n));
    await writeAll('r.json.gz', results);
    const text = gunzipSync(readFileSync(directory.file('r.json.gz'))).toString();
    expect(JSON.parse(text)).toEqual(results.map(({ n, text }) => ({ value_n: n, text })));
  });

  test('are written to directories that are created for them', async () => {
    await writeAll('a/b/r.json', [result(1)], { group: 'g' });
    expect(textOf('a/b/r.json')).toBe(`[\n${line(1)}\n]\n`);
  });

  test('are written to the target of a link, which stays', async () => {
    mkdirSync(directory.file('real'));
    writeFileSync(directory.file('real/r.json'), 'old');
    symlinkSync(directory.file('real/r.json'), directory.file('r.json'));
    await writeAll('r.json', [result(1)]);
    expect(textOf('real/r.json')).toBe(`[\n${line(1)}\n]\n`);
    expect(readdirSync(directory.file('real'))).toEqual(['r.json']);
  });

  test('of many and of large elements are one text, however the writes are split', async () => {
    const results = Array.from({ length: 3_000 }, (_, n) =>
      result(n, n % 500 === 0 ? '漢😀'.repeat(100_000) : 'short'),
    );
    const { writer, connection } = await open('r.json');
    for (let from = 0; from < results.length; from += 7) await writer.write(0, results.slice(from, from + 7));
    await writer.end();
    await writer.publish();
    await connection.close();
    await writeAll('whole.json', results);
    expect(textOf('r.json') === textOf('whole.json')).toBe(true);
    expect(JSON.parse(textOf('r.json'))).toHaveLength(results.length);
  });

  test('do not have their final name before they are published, and a previous file stays until then', async () => {
    writeFileSync(directory.file('r.json'), 'former');
    const { writer, connection } = await open('r.json');
    await writer.write(0, [result(1)]);
    await writer.flush();
    await writer.end();
    expect(textOf('r.json')).toBe('former');
    expect(textOf('r.json.partial')).toBe(`[\n${line(1)}\n]\n`);
    await writer.publish();
    expect(textOf('r.json')).toBe(`[\n${line(1)}\n]\n`);
    expect(existsSync(directory.file('r.json.partial'))).toBe(false);
    expect(await writer.close()).toBeUndefined();
    await connection.close();
  });

  test('of a failed run stay in the partial file, and closing returns its path', async () => {
    const { writer, connection } = await open('r.json');
    await writer.write(0, [result(1)]);
    expect(await writer.close()).toBe(directory.file('r.json.partial'));
    await connection.close();
    expect(textOf('r.json.partial')).toBe(`[\n${line(1)}`);
  });

  test('of a run that failed before any leave no file', async () => {
    const { writer, connection } = await open('r.json');
    expect(await writer.close()).toBeUndefined();
    await connection.close();
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test('that do not match their class are refused by the class', async () => {
    const { writer, connection } = await open('r.json');
    expect(() => writer.write(0, [result(Number.NaN)])).toThrow(expect.objectContaining({ code: 'WM_BAD_RESULT' }));
    await connection.close();
  });
});

describe('errors of the system', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

  /** Opens a result whose file handle fails in one of its calls. */
  async function openFailing(call: 'write' | 'datasync') {
    const real = fs.open;
    const spy = jest.spyOn(fs, 'open').mockImplementation(async (...args) => {
      const handle = await real(...args);
      jest.spyOn(handle, call as 'datasync').mockRejectedValue(full);
      return handle;
    });
    const opened = await open('r.json');
    spy.mockRestore();
    return opened;
  }

  test('while results are written are reported by the next call, with the fix', async () => {
    const { writer, connection } = await openFailing('write');
    await writer.write(0, [result(1)]);
    await expect(writer.flush()).rejects.toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      message: `${directory.file('r.json.partial')} cannot be written: ENOSPC: no space left on device, write. Make room on the disk.`,
      cause: full,
    });
    expect(() =>
      writer.write(
        0,
        Array.from({ length: 9_000 }, (_, n) => result(n)),
      ),
    ).toThrow('Make room on the disk');
    await connection.close();
  });

  test('when the end is made durable are reported, and nothing is published', async () => {
    const { writer, connection } = await openFailing('datasync');
    await writer.write(0, [result(1)]);
    await expect(writer.end()).rejects.toMatchObject({ code: 'WM_OUTPUT_FAILED' });
    await connection.close();
    expect(readdirSync(directory.path)).toEqual(['r.json.partial']);
  });

  test('when the file is opened are reported', async () => {
    mkdirSync(directory.file('r.json.partial'));
    await expect(open('r.json')).rejects.toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      details: { found: 'a folder, where the partial results of Result would be written' },
    });
  });
});

describe('a mark', () => {
  test('cuts back results written after it, even without a group', async () => {
    const first = await open('r.json');
    await first.writer.write(0, [result(1)]);
    const mark = await first.writer.flush();
    await first.writer.write(0, [result(2)]);
    await first.connection.close();
    const second = await open('r.json', {}, mark);
    await second.writer.write(0, [result(3)]);
    await second.writer.end();
    await second.writer.publish();
    await second.connection.close();
    expect(textOf('r.json')).toBe(`[\n${line(1)},\n${line(3)}\n]\n`);
  });

  test('beyond the end of the partial file is refused', async () => {
    const mark = { 'r.json': { bytes: 100, elements: 2, ended: false } };
    writeFileSync(directory.file('r.json.partial'), '[');
    await expect(open('r.json', {}, mark)).rejects.toMatchObject({
      code: 'WM_OUTPUT_CHANGED',
      message:
        `${directory.file('r.json.partial')} does not match the stored progress: expected at least 100 bytes, found 1. ` +
        'Restore it, or delete the progress file next to the first result (its name ends in .progress.json) to start over.',
    });
  });

  test('without any file is refused', async () => {
    const mark = { 'r.json': { bytes: 100, elements: 2, ended: true } };
    await expect(open('r.json', {}, mark)).rejects.toMatchObject({
      code: 'WM_OUTPUT_CHANGED',
      details: { found: 'neither file' },
    });
  });

  test.each([true, false])(
    'next to a final file that does not have these results is refused (ended: %s)',
    async (ended) => {
      const mark = { 'r.json': { bytes: 100, elements: 2, ended } };
      writeFileSync(directory.file('r.json'), '[{}]\n');
      await expect(open('r.json', {}, mark)).rejects.toMatchObject({
        code: 'WM_OUTPUT_CHANGED',
        details: { expected: ended ? '100 bytes' : 'at least 100 bytes', found: '5' },
      });
    },
  );

  test('of unfinished results next to a final file accepts no more results', async () => {
    const mark = { 'r.json': { bytes: 5, elements: 2, ended: false } };
    writeFileSync(directory.file('r.json'), '[{}]\n');
    const { writer, connection } = await open('r.json', {}, mark);
    expect(() => writer.write(0, [result(1)])).toThrow(expect.objectContaining({ code: 'WM_OUTPUT_CHANGED' }));
    await connection.close();
  });
});

describe('a group', () => {
  const locks = () => readdirSync(directory.path).filter((name) => name.endsWith('.lock'));

  test('keeps its files next to the first result, named after it', async () => {
    const { lane, writer, connection } = await open('r.json', { group: 'g/h.' });
    await writer.write(0, [result(1)]);
    await writer.flush();
    await lane.commit('progress', { positions: [0], ended: false, marks: [] });
    expect(readdirSync(directory.path).sort()).toEqual([
      expect.stringMatching(/^r\.json\.\d.*\.lock$/),
      'r.json.g%2Fh%2E.partial',
      expect.stringMatching(/^r\.json\.g%2Fh%2E\.partial\.\d.*\.lock$/),
      'r.json.g%2Fh%2E.progress.json',
      expect.stringMatching(/^r\.json\.g%2Fh%2E\.progress\.json\.\d.*\.lock$/),
    ]);
    expect(JSON.parse(textOf('r.json.g%2Fh%2E.progress.json'))).toEqual({ commit: 'progress', inputs: [] });
    await connection.close();
    expect(locks()).toEqual([]);
  });

  test('keeps its progress next to the first input if there is no result', async () => {
    writeFileSync(directory.file('s.json'), '[]');
    const broker = new JsonFileMessageBroker([[Source, directory.file('s.json')]], { group: 'g' });
    const { connection, lane } = await connect(broker, [Source]);
    await lane.commit('progress', { positions: [0], ended: false, marks: [] });
    await connection.close();
    expect(readdirSync(directory.path)).toEqual(['s.json', 's.json.g.progress.json']);
  });

  test('is refused to a second mill until the first releases it', async () => {
    const first = await open('r.json', { group: 'g/h.' });
    const lock = locks().find((name) => name.includes('progress'))!;
    await expect(open('r.json', { group: 'g/h.' })).rejects.toMatchObject({
      code: 'WM_GROUP_IN_USE',
      message:
        `The group 'g/h.' is in use by process ${process.pid} on ${hostname()}: two mills of one group would overwrite each other's results and progress. ` +
        `Wait until that one has ended, or give this one another group and other outputs. If that is no longer a mill, delete ${directory.file(lock)}.`,
    });
    await first.connection.close();
    await (await open('r.json', { group: 'g/h.' })).connection.close();
  });

  test.each(['in.json', 'r.json.g.partial', '.lock'])('is released even if closing %s fails', async (failing) => {
    writeFileSync(directory.file('in.json'), '[{"n":1}]');
    let isOpening = true;
    const real = fs.open;
    const spy = jest.spyOn(fs, 'open').mockImplementation(async (...args) => {
      const handle = await real(...args);
      if (!String(args[0]).endsWith(failing)) return handle;
      const close = handle.close.bind(handle);
      jest.spyOn(handle, 'close').mockImplementation(async () => {
        await close();
        if (isOpening) return;
        throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO' });
      });
      return handle;
    });
    const entries = [
      [Source, directory.file('in.json')],
      [Result, directory.file('r.json')],
    ] as const;
    const { connection, lane } = await connect(new JsonFileMessageBroker(entries, { group: 'g' }), [Source], [Result]);
    await connection.openWriter('0', undefined);
    await lane.openReader(0, undefined);
    isOpening = false;
    const closed = await connection.close().catch((error) => error);
    spy.mockRestore();
    expect(closed).toMatchObject({ code: 'EIO' });
    expect(locks()).toEqual([]);
  });

  test('does not commit after its lock was deleted', async () => {
    const { lane, connection } = await open('r.json', { group: 'g/h.' });
    for (const lock of locks()) rmSync(directory.file(lock));
    const committing = lane.commit('progress', { positions: [0], ended: false, marks: [] });
    await expect(committing).rejects.toMatchObject({ code: 'WM_LOCK_LOST' });
    await connection.close();
  });

  test.each(['null', '[', '\0', '"text"'])(
    'with progress that says %j is refused, with the name of the file',
    async (text) => {
      const progress = directory.file('r.json.g.progress.json');
      writeFileSync(progress, text);
      await expect(open('r.json', { group: 'g' })).rejects.toMatchObject({
        code: 'WM_COMMIT_UNREADABLE',
        message: expect.stringContaining(`${progress} is not the progress of a group`),
      });
      expect(locks()).toEqual([]);
    },
  );

  test('continues with progress of version 0.1', async () => {
    writeFileSync(directory.file('r.json.g.progress.json'), '{"version":1}');
    const { lane, connection } = await open('r.json', { group: 'g' });
    expect(lane).toMatchObject({ committed: '{"version":1}', committedIn: directory.file('r.json.g.progress.json') });
    await connection.close();
  });
});

describe('an output', () => {
  test.each<[string, JsonFileOptions]>([
    ['without a group', {}],
    ['with a group', { group: 'g' }],
  ])('that one mill writes is refused to a second one %s', async (_, options) => {
    const first = await open('r.json', options);
    const [lock] = readdirSync(directory.path).filter((name) => /^r\.json\.\d.*\.lock$/.test(name));
    await expect(open('r.json', { group: 'another' })).rejects.toMatchObject({
      code: 'WM_OUTPUT_IN_USE',
      message:
        `${directory.file('r.json')} is being written by another mill, in process ${process.pid} on ${hostname()}: an output has one writer at a time. ` +
        `Wait until that one has ended, or name another output. If that is no longer a mill, delete ${directory.file(lock!)}.`,
    });
    await first.writer.write(0, [result(1)]);
    await first.writer.end();
    await first.writer.publish();
    await first.connection.close();
    expect(textOf('r.json')).toBe(`[\n${line(1)}\n]\n`);
    await writeAll('r.json', [result(2)]);
    expect(textOf('r.json')).toBe(`[\n${line(2)}\n]\n`);
  });

  test("whose lock was deleted is not published, and another mill's output is not touched", async () => {
    const first = await open('r.json');
    await first.writer.write(0, [result(1)]);
    for (const name of readdirSync(directory.path)) if (name.endsWith('.lock')) rmSync(directory.file(name));
    const second = await open('r.json');
    await second.writer.write(0, [result(2)]);
    await second.writer.flush();
    await expect(first.writer.publish()).rejects.toMatchObject({ code: 'WM_LOCK_LOST' });
    await first.connection.close();
    expect(textOf('r.json.partial')).toBe(`[\n${line(2)}`);
    await second.writer.publish();
    await second.connection.close();
    expect(textOf('r.json')).toBe(`[\n${line(2)}\n]\n`);
  });

  test('that the progress does not know is refused instead of started in the middle', async () => {
    const mark = { 'other.json': { bytes: 5, elements: 2, ended: false } };
    await expect(open('r.json', {}, mark)).rejects.toMatchObject({
      code: 'WM_OUTPUT_CHANGED',
      details: { found: 'progress of other.json' },
    });
    expect(readdirSync(directory.path)).toEqual([]);
  });
});
