import {
  appendFileSync,
  promises as fs,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  alias,
  Field,
  type FileEntryOptions,
  JsonFileMessageBroker,
  type JsonFileOptions,
  lines,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';
import { settled, until, VirtualClock } from '../../support/virtual-clock.js';

@Message()
class Row {
  @Field() n!: string;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** A mill that follows a file, with a clock that advances while the test waits. */
class Following {
  readonly seen: string[] = [];
  /** Called in each call. */
  onCall: () => void = () => {};
  readonly clock = new VirtualClock();
  readonly mill: WaterMill;
  readonly outcome: Promise<string>;
  private over = false;
  /** The number of timers that run while the mill is idle: the wait for more data, and the data timeout. */
  private readonly timers: number;

  constructor(name: string, options: FileEntryOptions<Row> = {}, more: JsonFileOptions = {}, output?: string) {
    this.timers = more.dataTimeoutMs === undefined ? 1 : 2;
    const broker = new JsonFileMessageBroker(
      [
        [Row, directory.file(name), { follow: true, ...options }],
        [Result, directory.file(output ?? 'none.ndjson')],
      ],
      more,
    );
    const process = processFunction(Row, { emits: output === undefined ? [] : [Result] }, ({ n }) => {
      this.seen.push(n);
      this.onCall();
      return output === undefined ? undefined : (message(Result, { n }) as never);
    });
    this.mill = new WaterMill({ process, broker, clock: this.clock, commitEvery: { elements: 1 } });
    const run = this.mill.run();
    this.outcome = run.then(
      ({ ended }) => ended,
      (error: { code: string; message: string }) => `${error.code} ${error.message}`,
    );
    void this.outcome.then(() => {
      this.over = true;
    });
  }

  /** Resolves when the condition holds, or the mill is over. */
  async until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (!isSo() && !this.over) {
      if (performance.now() > deadline) throw new Error(`This was not so within 20 seconds: ${isSo}`);
      // Time stands still while the file is checked: new data found there would come too late.
      if (this.clock.pending >= this.timers) await this.clock.advance(50);
      else await settled();
    }
  }

  sees(...expected: string[]): Promise<void> {
    return this.until(() => this.seen.length >= expected.length).then(() => expect(this.seen).toEqual(expected));
  }

  /** Resolves when the end of the file was checked, so that an incomplete rest is held. */
  async looks(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await until(() => this.clock.pending >= this.timers);
      await this.clock.advance(200);
    }
  }

  async stop(): Promise<string> {
    this.mill.stop();
    return this.outcome;
  }
}

@Message()
class Result {
  @Field() n!: string;
}

const put = (name: string, content: string | Uint8Array): void => writeFileSync(directory.file(name), content);
const add = (name: string, content: string): void => appendFileSync(directory.file(name), content);

describe('a followed file', () => {
  test.each<[string, FileEntryOptions<Row>, string, (n: string) => string]>([
    ['a.ndjson', {}, '', (n) => `{"n":"${n}"}\n`],
    ['a.csv', {}, 'n,x\n', (n) => `"${n}",1\n`],
    ['a.log', { format: lines() }, '', (n) => `${n}\n`],
  ])('waits for more, and holds a torn last line: %s', async (name, options, head, line) => {
    put(name, '');
    const following = new Following(name, options);
    await following.looks();
    add(name, head.slice(0, 1));
    await following.looks();
    add(name, head.slice(1));
    add(name, line('1') + line('2'));
    await following.sees('1', '2');
    const torn = line('33');
    add(name, torn.slice(0, -2));
    await following.looks();
    expect(following.seen).toEqual(['1', '2']);
    add(name, torn.slice(-2));
    await following.sees('1', '2', '33');
    add(name, line('4').trimEnd());
    await following.looks();
    expect(following.seen).toEqual(['1', '2', '33']);
    // An incomplete line at the stop is not passed on.
    expect(await following.stop()).toBe('stopped');
    expect(following.seen).toEqual(['1', '2', '33']);
  });

  test('returns its first line, however short', async () => {
    put('a.log', '');
    const following = new Following('a.log', { format: lines() });
    await following.looks();
    add('a.log', '1');
    await following.looks();
    add('a.log', '\n');
    await following.sees('1');
    add('a.log', '2');
    await following.looks();
    expect(await following.stop()).toBe('stopped');
    expect(following.seen).toEqual(['1']);
  });

  test('with an open array returns appended elements, and ends when the array is closed', async () => {
    put('a.json', '[{"n":"1"}');
    const following = new Following('a.json');
    add('a.json', ',\n{"n":"2"},');
    await following.sees('1', '2');
    add('a.json', '{"n":"3"}]');
    expect(await following.until(() => false).then(() => following.outcome)).toBe('master ended');
    expect(following.seen).toEqual(['1', '2', '3']);
  });

  test('ends after dataTimeoutMs by the clock of the mill', async () => {
    put('a.ndjson', '{"n":"1"}\n');
    const following = new Following('a.ndjson', {}, { dataTimeoutMs: 60_000 });
    await following.sees('1');
    await following.until(() => following.clock.now() >= 30_000);
    add('a.ndjson', '{"n":"2"}\n');
    await following.sees('1', '2');
    await following.until(() => false);
    expect(await following.outcome).toBe('timeout');
    expect(following.clock.now()).toBeGreaterThanOrEqual(90_000);
  });

  test('stops immediately while it waits', async () => {
    put('a.ndjson', '{"n":"1"}\n');
    const following = new Following('a.ndjson');
    await following.sees('1');
    const before = following.clock.now();
    following.mill.stop();
    expect(await following.outcome).toBe('stopped');
    expect(following.clock.now()).toBe(before);
    expect(following.clock.pending).toBe(0);
  });

  test.each<[string, (path: string) => void, string]>([
    ['truncated', (path) => truncateSync(path, 3), 'it shrank from at least 10 to 3 bytes'],
    [
      'emptied and written again',
      (path) => writeFileSync(path, '{"n":"other"}\n{"n":"x"}\n'),
      'what was read of it was overwritten',
    ],
    [
      'replaced',
      (path) => {
        writeFileSync(`${path}.new`, '{"n":"x"}\n'.repeat(3));
        renameSync(`${path}.new`, path);
      },
      'another file replaced it',
    ],
    ['deleted', (path) => unlinkSync(path), 'it was deleted or renamed'],
    ['renamed', (path) => renameSync(path, `${path}.1`), 'it was deleted or renamed'],
  ])('is refused after it was %s', async (_, change, found) => {
    put('a.ndjson', '{"n":"1"}\n');
    const following = new Following('a.ndjson');
    await following.sees('1');
    change(directory.file('a.ndjson'));
    await following.until(() => false);
    const path = directory.file('a.ndjson');
    expect(await following.outcome).toMatch(
      `WM_FILE_CHANGED ${path} was changed while Row was read from it: ${found}.`,
    );
    expect(await following.outcome).toMatch(/ A file that is followed may only grow: write to a new file instead/);
    expect(following.seen).toEqual(['1']);
  });

  test('is refused if it was rewritten before its end was checked', async () => {
    put('a.ndjson', '{"n":"1"}\n');
    const path = directory.file('a.ndjson');
    const open = fs.open;
    const opening = jest.spyOn(fs, 'open').mockImplementation(async (...args) => {
      const file = await open(...args);
      const read = file.read.bind(file) as (...all: unknown[]) => Promise<{ bytesRead: number }>;
      let isFirst = true;
      file.read = (async (...all: unknown[]) => {
        const given = await read(...all);
        // The first two bytes are read beforehand.
        if (args[0] === path && isFirst && given.bytesRead > 2) {
          writeFileSync(path, '{"n":"a"}\n{"n":"b"}\n');
          isFirst = false;
        }
        return given;
      }) as never;
      return file;
    });
    const following = new Following('a.ndjson');
    await following.until(() => false);
    opening.mockRestore();
    expect(await following.outcome).toMatch(
      `WM_FILE_CHANGED ${path} was changed while Row was read from it: what was read of it was overwritten.`,
    );
    expect(following.seen).toEqual(['1']);
  });

  describe('whose end is far', () => {
    const rows = (n: string): string => `{"n":"${n}"}\n`.repeat(2_000);
    const [old, other] = ['o'.repeat(1_000), 'x'.repeat(1_000)];

    /** Follows a file that is changed in the first call. */
    function changedEarly(change: (path: string) => void): Following {
      put('a.ndjson', rows(old));
      const following = new Following('a.ndjson');
      following.onCall = () => {
        following.onCall = () => {};
        change(directory.file('a.ndjson'));
      };
      return following;
    }

    test('is refused after it was rewritten', async () => {
      const following = changedEarly((path) => writeFileSync(path, rows(other)));
      await following.until(() => false);
      expect(await following.outcome).toMatch(
        `WM_FILE_CHANGED ${directory.file('a.ndjson')} was changed while Row was read from it: what was read of it was overwritten.`,
      );
      expect(following.seen).not.toContain(other);
    });

    test('is read to its end after it was renamed', async () => {
      const following = changedEarly((path) => renameSync(path, `${path}.1`));
      await following.until(() => false);
      expect(await following.outcome).toMatch('it was deleted or renamed');
      expect(following.seen).toHaveLength(2_000);
    });
  });

  test('must not be compressed, or an output', async () => {
    put('a.ndjson.gz', gzipSync('{"n":"1"}\n'));
    const packed = new Following('a.ndjson.gz');
    await packed.until(() => false);
    expect(await packed.outcome).toMatch(
      'WM_FILE_UNREADABLE The file of Row cannot be followed while it grows, since it is compressed',
    );
    put('b.ndjson', '');
    const broker = new JsonFileMessageBroker([
      [Row, directory.file('b.ndjson')],
      [Result, directory.file('c.ndjson'), { follow: true }],
    ]);
    const process = processFunction(Row, { emits: [Result] }, () => undefined);
    await expect(new WaterMill({ process, broker }).run()).rejects.toThrow("The option 'follow' of Result");
    expect(() => new JsonFileMessageBroker([[Row, 'a', { follow: 'yes' as never }]])).toThrow(
      "The option 'follow' of an entry",
    );
  });

  test('must be followed by all of its entries', () => {
    class Alias extends alias(Row, 'Alias') {}
    for (const [first, second] of [
      [true, false],
      [false, true],
    ] as const) {
      expect(
        () =>
          new JsonFileMessageBroker([
            [Row, 'a.ndjson', { follow: first }],
            [Alias, 'a.ndjson', { follow: second }],
          ]),
      ).toThrow(
        `The entry of Alias, the option 'follow' of JsonFileMessageBroker is wrong: expected ${first}, as in the other entry of a.ndjson, found ${second}.`,
      );
    }
  });

  test.each(['a.ndjson', 'a.csv'])(
    'with a group continues behind the last commit, whatever came meanwhile: %s',
    async (name) => {
      const line = (n: number): string => (name.endsWith('csv') ? `${n},"x\ny"\n` : `{"n":"${n}"}\n`);
      put(name, name.endsWith('csv') ? 'n,text\n' : '');
      const given: string[] = [];
      for (let run = 0; run < 4; run++) {
        const following = new Following(name, {}, { group: 'g' }, 'out.ndjson');
        add(name, line(run * 10) + line(run * 10 + 1) + line(run * 10 + 2).slice(0, -1));
        await following.sees(...[...(run === 0 ? [] : [run * 10 - 8]), run * 10, run * 10 + 1].map(String));
        expect(await following.stop()).toBe('stopped');
        given.push(...following.seen);
        // The incomplete line is completed while no mill runs.
        add(name, '\n');
      }
      expect(given).toEqual(['0', '1', '2', '10', '11', '12', '20', '21', '22', '30', '31']);
    },
  );

  test('with a group that ended by dataTimeoutMs continues with new data', async () => {
    put('a.ndjson', '{"n":"1"}\n{"n":"2"}');
    const options = { group: 'g', dataTimeoutMs: 1_000 };
    const first = new Following('a.ndjson', {}, options, 'out.ndjson');
    await first.until(() => false);
    expect(first.seen).toEqual(['1']);
    expect(readFileSync(directory.file('out.ndjson'), 'utf8')).toBe('{"n":"1"}\n');
    add('a.ndjson', '\n{"n":"3"}\n');
    const second = new Following('a.ndjson', {}, options, 'out.ndjson');
    await second.until(() => false);
    expect(await second.outcome).toBe('timeout');
    expect(second.seen).toEqual(['2', '3']);
    expect(readFileSync(directory.file('out.ndjson'), 'utf8')).toBe('{"n":"1"}\n{"n":"2"}\n{"n":"3"}\n');
    await settled();
  });

  test('with a group is refused if it was rewritten between the last read and the commit', async () => {
    put('a.ndjson', '');
    const first = new Following('a.ndjson', {}, { group: 'g' }, 'out.ndjson');
    await first.looks();
    add('a.ndjson', '{"n":"1"}\n');
    first.onCall = () => put('a.ndjson', '{"n":"9"}\n{"n":"8"}\n');
    await first.sees('1');
    await first.stop();
    const second = new Following('a.ndjson', {}, { group: 'g' }, 'out.ndjson');
    await second.until(() => second.seen.length > 0);
    expect(second.seen).toEqual([]);
    expect(await second.outcome).toMatch('WM_FILE_CHANGED');
  });

  test.each([
    ['from its beginning', true],
    ['since it was empty', false],
  ])('with a group is refused if it is no longer the file that was read %s', async (_, isThere) => {
    const text = '{"n":"1"}\n{"n":"2"}\n';
    put('a.ndjson', isThere ? text : '');
    const first = new Following('a.ndjson', {}, { group: 'g' }, 'out.ndjson');
    await first.looks();
    if (!isThere) add('a.ndjson', text);
    await first.sees('1', '2');
    await first.stop();
    put('a.ndjson', '{"n":"9"}\n{"n":"8"}\n{"n":"7"}\n');
    const second = new Following('a.ndjson', {}, { group: 'g' }, 'out.ndjson');
    await second.until(() => second.seen.length > 0);
    expect(second.seen).toEqual([]);
    expect(await second.outcome).toMatch('WM_FILE_CHANGED');
  });
});
