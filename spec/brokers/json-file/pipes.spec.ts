import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { promises as fs, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  alias,
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  Message,
  processFunction,
  WaterMill,
  WaterMillError,
} from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Reading {
  @Field() n!: number;
}

@Message()
class Next extends alias(Reading, 'Next') {}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

function pipe(name = 'pipe'): string {
  execFileSync('mkfifo', [directory.file(name)]);
  return directory.file(name);
}

/** Writes to a pipe when it is opened for reading. */
async function feed(path: string, content: string | Uint8Array): Promise<void> {
  const file = await fs.open(path, 'w');
  await file.writeFile(content);
  await file.close();
}

function mill(broker: JsonFileMessageBroker<any>, seen: number[]) {
  return new WaterMill({ process: processFunction(Reading, {}, ({ n }) => void seen.push(n)), broker });
}

async function failure(work: Promise<unknown>): Promise<WaterMillError> {
  const error = await work.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(WaterMillError);
  return error as WaterMillError;
}

const count = 50_000;
const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join('');
const numbers = Array.from({ length: count }, (_, n) => n);

describe('a pipe is read from its beginning to its end:', () => {
  test.each<[string, string | Uint8Array]>([
    ['lines', lines],
    ['an array', `[${lines.trim().replaceAll('\n', ',')}]`],
    ['packed lines', gzipSync(lines)],
  ])('%s', async (_, content) => {
    const path = pipe();
    const seen: number[] = [];
    await Promise.all([mill(new JsonFileMessageBroker([[Reading, path]]), seen).run(), feed(path, content)]);
    expect(seen).toEqual(numbers);
  });

  test('an empty one', async () => {
    const path = pipe();
    const seen: number[] = [];
    await Promise.all([mill(new JsonFileMessageBroker([[Reading, path]]), seen).run(), feed(path, '')]);
    expect(seen).toEqual([]);
  });

  test('each element is available before the next one arrives', async () => {
    const path = pipe();
    let seen = (_: number): void => {};
    const process = processFunction(Reading, {}, ({ n }) => seen(n));
    const running = new WaterMill({ process, broker: new JsonFileMessageBroker([[Reading, path]]) }).run();
    const writer = await fs.open(path, 'w');
    for (const n of [1, 2, 3]) {
      const called = new Promise<number>((resolve) => {
        seen = resolve;
      });
      await writer.write(`{"n":${n}}\n`);
      expect(await called).toBe(n);
    }
    await writer.close();
    await running;
  });

  test('broken text is reported with its byte', async () => {
    const path = pipe();
    const seen: number[] = [];
    const running = failure(mill(new JsonFileMessageBroker([[Reading, path]]), seen).run());
    await feed(path, '[{"n":1},\n{"n":}]');
    expect((await running).message).toBe(
      `${path}, byte 15, element 1: expected a value, found '}'. Correct the file there; the elements before it were read.`,
    );
    expect(seen).toEqual([1]);
  });

  test('garbage after a compressed text is reported after the valid part', async () => {
    const path = pipe();
    const seen: number[] = [];
    const running = failure(mill(new JsonFileMessageBroker([[Reading, path]]), seen).run());
    await feed(path, Buffer.concat([gzipSync(lines), Buffer.from('garbage')]));
    expect(await running).toMatchObject({ code: 'WM_FILE_UNREADABLE', details: { position: count } });
    expect(seen).toEqual(numbers);
  });
});

describe('two nodes on one pipe', () => {
  const tree = joinStreams(Reading, joinWith(Next, { left: field(Reading, 'n'), right: field(Next, 'n') }));
  const process = (seen: number[]) => processFunction(tree, {}, (reading) => void seen.push(reading.n));

  test('share a reader, however far one is ahead', async () => {
    const path = pipe();
    const far = joinStreams(
      Reading,
      joinWith(Next, { left: field(Reading, 'n').plus(40_000), right: field(Next, 'n') }),
    );
    const seen: number[] = [];
    const broker = new JsonFileMessageBroker([
      [Reading, path],
      [Next, path],
    ]);
    const running = new WaterMill({ process: processFunction(far, {}, ({ n }) => void seen.push(n)), broker }).run();
    await Promise.all([
      running,
      feed(path, `[${Array.from({ length: 400_000 }, (_, n) => `{"n":${Math.floor(n / 8)}}`).join(',')}]`),
    ]);
    expect(new Set(seen)).toEqual(new Set(numbers.slice(0, 10_000)));
  });

  test.each<[string, (path: string) => JsonFileMessageBroker<any>]>([
    [
      'under two names',
      (path) => {
        symlinkSync(path, directory.file('link'));
        return new JsonFileMessageBroker([
          [Reading, path],
          [Next, directory.file('link')],
        ]);
      },
    ],
    [
      'as values and as bytes',
      (path) =>
        new JsonFileMessageBroker([
          [Reading, path],
          [Next, path, { raw: true, deserializer: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) }],
        ]),
    ],
  ])('are refused %s', async (_, brokerOver) => {
    const path = pipe();
    const seen: number[] = [];
    const error = await failure(new WaterMill({ process: process(seen), broker: brokerOver(path) }).run());
    expect(error.message).toBe(
      `${path}, the input of Next, is a pipe, which can be read only once, from its beginning, but two nodes of this mill need separate readers. Give each a file.`,
    );
    expect(error.code).toBe('WM_FILE_ONCE');
    expect(seen).toEqual([]);
  });
});

test('a group with a pipe is refused before anything is read', async () => {
  const path = pipe();
  const error = await failure(mill(new JsonFileMessageBroker([[Reading, path]], { group: 'g' }), []).run());
  expect(error.message).toBe(
    `${path}, the input of Reading, is a pipe, which can be read only once, from its beginning, but the group 'g' would resume in the middle of it. ` +
      'Leave the group out, or write the pipe to a file and read that.',
  );
  expect(await fs.readdir(directory.path)).toEqual(['pipe']);
});

describe('a pipe without a writer', () => {
  test('does not delay an end', async () => {
    const stopped = mill(new JsonFileMessageBroker([[Reading, pipe()]]), []);
    const running = stopped.run();
    await stopped.stop();
    expect((await running).ended).toBe('stopped');
  });

  test('nor does one that is open and silent', async () => {
    const path = pipe();
    let called = (): void => {};
    const first = new Promise<void>((resolve) => {
      called = resolve;
    });
    const process = processFunction(Reading, {}, () => called());
    const stopped = new WaterMill({ process, broker: new JsonFileMessageBroker([[Reading, path]]) });
    const running = stopped.run();
    const writer = await fs.open(path, 'w');
    await writer.write('{"n":1}\n');
    await first;
    await stopped.stop();
    expect((await running).ended).toBe('stopped');
    await writer.close();
  });

  test('nor does it delay opening other files', async () => {
    const [first, second] = [pipe('first'), pipe('second')];
    const tree = joinStreams(Reading, joinWith(Next, { left: field(Reading, 'n'), right: field(Next, 'n') }));
    const seen: number[] = [];
    const broker = new JsonFileMessageBroker([
      [Reading, first],
      [Next, second],
    ]);
    const running = new WaterMill({ process: processFunction(tree, {}, ({ n }) => void seen.push(n)), broker }).run();
    await feed(second, '{"n":1}\n{"n":2}\n');
    await feed(first, '{"n":2}\n');
    await running;
    expect(seen).toEqual([2]);
  });
});

describe('an input that is neither a file nor a pipe', () => {
  test('a device', async () => {
    execFileSync('mknod', [directory.file('null'), 'c', '1', '3']);
    const error = await failure(mill(new JsonFileMessageBroker([[Reading, directory.file('null')]]), []).run());
    expect(error.message).toBe(`The file of Reading is a device: ${directory.file('null')}. Name a file or a pipe.`);
    expect(error.code).toBe('WM_FILE_UNREADABLE');
  });

  test('a socket', async () => {
    const server = createServer().listen(directory.file('socket'));
    await once(server, 'listening');
    const error = await failure(mill(new JsonFileMessageBroker([[Reading, directory.file('socket')]]), []).run());
    server.close();
    expect(error).toMatchObject({
      code: 'WM_FILE_UNREADABLE',
      message: `The file of Reading is a socket: ${directory.file('socket')}. Name a file or a pipe.`,
    });
  });

  test.each<[string, () => string]>([
    ['a path through a file', () => `${directory.file('a.json')}/b.json`],
    [
      'a link to itself',
      () => {
        symlinkSync(directory.file('loop'), directory.file('loop'));
        return directory.file('loop');
      },
    ],
    ['a name that is too long', () => directory.file('x'.repeat(300))],
    ['a name with a NUL', () => directory.file('a\0b')],
  ])('%s', async (_, pathOf) => {
    writeFileSync(directory.file('a.json'), '[]');
    const error = await failure(mill(new JsonFileMessageBroker([[Reading, pathOf()]]), []).run());
    expect(error).toMatchObject({ code: 'WM_FILE_UNREADABLE', details: { message: 'Reading' } });
  });
});
