import {
  appendFileSync,
  chmodSync,
  promises as fs,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Field, JsonFileMessageBroker, Message, processFunction, WaterMill, WaterMillError } from 'watermill';
import { connect } from '../../../lib/conformance/conformance-run.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Reading {
  @Field() n!: number;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const count = 100_000;
const text = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join('');
const half = text.indexOf('\n', text.length / 2) + 1;

/** Runs over a file that is changed in the first call. */
async function run(content: string | Uint8Array, change: (path: string) => void) {
  const path = directory.file('a.ndjson');
  writeFileSync(path, content);
  // With a coarse clock, a later write could have the same time.
  utimesSync(path, 1_000, 1_000);
  let calls = 0;
  const process = processFunction(Reading, {}, () => {
    if (calls++ === 0) change(path);
  });
  const broker = new JsonFileMessageBroker([[Reading, path]]);
  const error = await new WaterMill({ process, broker }).run().then(
    () => undefined,
    (failed: WaterMillError) => failed,
  );
  return { calls, error, path };
}

describe.each<[string, Uint8Array | string]>([
  ['a file', text],
  ['a packed file', gzipSync(text)],
  ['an array', `[${text.trim().replaceAll('\n', ',\n')}]`],
])('%s', (_, content) => {
  const size = Buffer.byteLength(content);

  test.each<[string, (path: string) => void, RegExp]>([
    ['truncated to nothing', (path) => truncateSync(path, 0), /it shrank from \d+ to 0 bytes/],
    ['truncated in the middle', (path) => truncateSync(path, Math.floor(size / 2)), /it shrank from/],
    ['appended to', (path) => appendFileSync(path, 'x'), new RegExp(`it grew from ${size} to ${size + 1} bytes`)],
    ['written again', (path) => writeFileSync(path, content), /it was written to/],
    [
      'replaced by a copy',
      (path) => {
        writeFileSync(`${path}.new`, content);
        renameSync(`${path}.new`, path);
      },
      /another file replaced it/,
    ],
  ])('a file that is %s while it is read is an error', async (_, change, what) => {
    const { error, path } = await run(content, change);
    expect(error).toMatchObject({ code: 'WM_FILE_CHANGED', details: { message: 'Reading', stream: path } });
    expect(error?.message).toMatch(what);
    expect(error?.message).toMatch(/^\S+a\.ndjson was changed while Reading was read from it: /);
    expect(error?.message).toMatch(/Run again when the file is complete and nothing writes to it\.$/);
  });

  test.each<[string, (path: string) => void]>([
    ['left alone', () => {}],
    ['deleted', (path) => rmSync(path)],
    ['given another mode', (path) => chmodSync(path, 0o600)],
  ])('a file that is %s is read to its end', async (_, change) => {
    expect(await run(content, change)).toMatchObject({ calls: count, error: undefined });
  });
});

test('a file of lines that is truncated at a line end is not a short result', async () => {
  const { error, calls } = await run(text, (path) => truncateSync(path, half));
  expect(error).toMatchObject({ code: 'WM_FILE_CHANGED' });
  expect(calls).toBeLessThan(count);
});

test('both readers of one file read the same file', async () => {
  const path = directory.file('a.ndjson');
  writeFileSync(path, text);
  const { connection, lane } = await connect(new JsonFileMessageBroker([[Reading, path]]), [Reading]);
  const first = await lane.openReader(0, undefined);
  await first.read();
  const again = await lane.openReader(0, undefined);
  expect((await again.read()).values).toContainEqual({ n: 0 });
  writeFileSync(`${path}.new`, text);
  await fs.rename(`${path}.new`, path);
  await expect(lane.openReader(0, undefined)).rejects.toMatchObject({
    code: 'WM_FILE_CHANGED',
    message: expect.stringContaining('another file replaced it'),
  });
  await connection.close();
});
