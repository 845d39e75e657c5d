import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import {
  csv,
  Field,
  JsonFileMessageBroker,
  type JsonFileOptions,
  type Logger,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Source {
  @Field() n!: number;
}

@Message()
class Double {
  @Field() n!: number;
}

@Message()
class Triple {
  @Field() n!: number;
}

let directory: TemporaryDirectory;
let input: string;
let calls = 0;

beforeEach(() => {
  directory = temporaryDirectory();
  input = directory.file('in.ndjson');
  writeFileSync(input, '{"n":1}\n{"n":2}\n');
  calls = 0;
});
afterEach(() => directory.remove());

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot && process.platform === 'linux' ? test : test.skip;
const onUnix = process.platform === 'win32' ? test.skip : test;
const textOf = (name: string) => readFileSync(directory.file(name), 'utf8');
const doubled = '{"n":2}\n{"n":4}\n';

/** A mill that doubles, and triples if there is a second output. */
function mill(outputs: readonly string[], options: JsonFileOptions = {}, from = input, logger?: Logger) {
  const [doubles, triples] = outputs;
  const entries: [typeof Source, string][] = [
    [Source, from],
    [Double, doubles!],
  ];
  if (triples !== undefined) entries.push([Triple, triples]);
  const emits = triples === undefined ? [Double] : [Double, Triple];
  const process = processFunction(Source, { emits }, ({ n }) => {
    calls++;
    const double = message(Double, { n: 2 * n });
    return triples === undefined ? double : [double, message(Triple, { n: 3 * n })];
  });
  return new WaterMill({ process, broker: new JsonFileMessageBroker(entries, options), logger });
}

const run = (output: string, options: JsonFileOptions = {}) => mill([output], options).run();

/** Returns the error of a run that made no call and left no files behind. */
async function refusal(outputs: readonly string[], options: JsonFileOptions = {}, from = input) {
  const before = readdirSync(directory.path).sort();
  const error = await mill(outputs, options, from)
    .run()
    .then(
      () => 'ran',
      (failure) => failure,
    );
  expect({ calls, left: readdirSync(directory.path).sort() }).toEqual({ calls: 0, left: before });
  return error;
}

describe('an existing object with the name of an output', () => {
  onUnix.each([undefined, 'g'])('keeps its mode (group %s), from the first byte on', async (group) => {
    const output = directory.file('out.ndjson');
    writeFileSync(output, 'former');
    chmodSync(output, 0o600);
    const modes = new Set<number>();
    const process = processFunction(Source, { emits: [Double] }, ({ n }) => {
      for (const name of readdirSync(directory.path)) {
        if (name.endsWith('.partial')) modes.add(statSync(directory.file(name)).mode & 0o777);
      }
      return message(Double, { n: 2 * n });
    });
    const broker = new JsonFileMessageBroker(
      [
        [Source, input],
        [Double, output],
      ],
      { group },
    );
    await new WaterMill({ process, broker }).run();
    expect(textOf('out.ndjson')).toBe(doubled);
    expect(statSync(output).mode & 0o7777).toBe(0o600);
    expect([...modes]).toEqual([0o600]);
  });

  asRoot('keeps its owner', async () => {
    const output = directory.file('out.ndjson');
    writeFileSync(output, 'former');
    chownSync(output, 12_345, 12_346);
    chmodSync(output, 0o640);
    await run(output);
    const { uid, gid, mode } = statSync(output);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 12_345, gid: 12_346, mode: 0o640 });
  });

  test('is followed if it is a link, even to a missing target', async () => {
    mkdirSync(directory.file('real'));
    symlinkSync('real/there.ndjson', directory.file('link'));
    symlinkSync('link', directory.file('out.ndjson'));
    symlinkSync('missing', directory.file('folder'));
    await run(directory.file('out.ndjson'));
    expect(textOf('real/there.ndjson')).toBe(doubled);
    expect(readlinkSync(directory.file('out.ndjson'))).toBe('link');
    await run(directory.file('folder/out.ndjson'));
    expect(textOf('missing/out.ndjson')).toBe(doubled);
    expect(readdirSync(directory.file('real'))).toEqual(['there.ndjson']);
  });

  test('is refused if it is a folder', async () => {
    mkdirSync(directory.file('out'));
    expect(await refusal([directory.file('out')])).toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      message: `${directory.file('out')} cannot be an output: it is a folder. Name a file in it.`,
    });
    expect(await refusal([`${directory.file('not there')}/`])).toMatchObject({ code: 'WM_OUTPUT_FAILED' });
  });

  asRoot('is refused where it is a device', async () => {
    execFileSync('mknod', [directory.file('null'), 'c', '1', '3']);
    symlinkSync('null', directory.file('link'));
    for (const name of ['null', 'link']) {
      expect(await refusal([directory.file(name)])).toMatchObject({
        code: 'WM_OUTPUT_FAILED',
        message: `${directory.file('null')} cannot be an output: it is a character device. Name a regular file, a named pipe or -.`,
      });
    }
    expect(statSync(directory.file('null')).isCharacterDevice()).toBe(true);
  });

  asRoot('is refused where a file is mounted on it', async () => {
    const output = directory.file('out file.ndjson');
    writeFileSync(output, 'mounted');
    try {
      execFileSync('mount', ['--bind', output, output], { stdio: 'ignore' });
    } catch {
      return; // A container that may not mount cannot run this test.
    }
    try {
      expect(await refusal([output])).toMatchObject({ code: 'WM_OUTPUT_FAILED', details: { found: 'a mount point' } });
    } finally {
      execFileSync('umount', [output]);
    }
    expect(textOf('out file.ndjson')).toBe('mounted');
  });

  (isRoot ? test.skip : onUnix)('is refused where it may not be written', async () => {
    writeFileSync(directory.file('out.ndjson'), 'former');
    chmodSync(directory.file('out.ndjson'), 0o400);
    expect(await refusal([directory.file('out.ndjson')])).toMatchObject({ code: 'WM_OUTPUT_FAILED' });
  });
});

describe('a file next to an output', () => {
  test.each([undefined, 'g'])('is no link that is followed (group %s)', async (group) => {
    const partial = group === undefined ? 'out.ndjson.partial' : 'out.ndjson.g.partial';
    writeFileSync(directory.file('precious'), 'precious');
    symlinkSync('precious', directory.file(partial));
    expect(await refusal([directory.file('out.ndjson')], { group })).toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      details: { stream: directory.file(partial), found: expect.stringContaining('a symbolic link') },
    });
    expect(textOf('precious')).toBe('precious');
  });

  test.each<[string, string, string, string]>([
    ['the partial results', 'x.ndjson.partial', 'x.ndjson', ''],
    ['the partial results of a group', 'x.ndjson.g.partial', 'x.ndjson', 'g'],
    ['the progress', 'x.ndjson.g.progress.json', 'x.ndjson', 'g'],
    ['what becomes the progress', 'x.ndjson.g.progress.json.new', 'x.ndjson', 'g'],
  ])('must not be an input: %s', async (_, from, output, group) => {
    writeFileSync(directory.file(from), '{"n":1}\n');
    const options = group === '' ? {} : { group };
    expect(await refusal([directory.file(output)], options, directory.file(from))).toMatchObject({
      code: 'WM_SAME_FILE',
    });
    expect(textOf(from)).toBe('{"n":1}\n');
  });

  test('must not be an input under another name', async () => {
    linkSync(input, directory.file('x.ndjson.partial'));
    expect(await refusal([directory.file('x.ndjson')])).toMatchObject({
      code: 'WM_SAME_FILE',
      message: expect.stringContaining(`the input of Source (as ${input})`),
    });
    expect(textOf('in.ndjson')).toBe('{"n":1}\n{"n":2}\n');
  });

  test.each([undefined, 'g'])('is no other output (group %s)', async (group) => {
    const partial = group === undefined ? 'q.partial' : 'q.g.partial';
    for (const outputs of [
      ['q', partial],
      [partial, 'q'],
    ]) {
      const error = await refusal(
        outputs.map((name) => directory.file(name)),
        { group },
      );
      expect(error).toMatchObject({
        code: 'WM_SAME_FILE',
        message: expect.stringContaining(`${directory.file(partial)} would be written as the partial results of`),
      });
    }
  });

  test('is left by a failed run, and replaced by the next one, but not its content', async () => {
    writeFileSync(directory.file('out.ndjson.partial'), 'left by another');
    linkSync(directory.file('out.ndjson.partial'), directory.file('kept'));
    await run(directory.file('out.ndjson'));
    expect(textOf('kept')).toBe('left by another');
    expect(readdirSync(directory.path).sort()).toEqual(['in.ndjson', 'kept', 'out.ndjson']);
  });
});

describe('one file for two purposes', () => {
  test('is refused through a hard link, a symbolic link, and another spelling', async () => {
    linkSync(input, directory.file('hard'));
    symlinkSync('in.ndjson', directory.file('soft'));
    mkdirSync(directory.file('folder'));
    symlinkSync('..', directory.file('folder/up'));
    for (const name of ['hard', 'soft', 'folder/up/in.ndjson']) {
      expect(await refusal([directory.file(name)])).toMatchObject({ code: 'WM_SAME_FILE' });
    }
    symlinkSync('later.ndjson', directory.file('first'));
    expect(await refusal([directory.file('first'), directory.file('folder/up/later.ndjson')])).toMatchObject({
      code: 'WM_SAME_FILE',
      message: expect.stringContaining('the output of Double'),
    });
  });
});

describe('two mills with one output', () => {
  test.each([undefined, 'g'])(
    'in one process: the second is refused before its first call (group %s)',
    async (group) => {
      const output = directory.file('out.ndjson');
      const refused: unknown[] = [];
      const first = processFunction(Source, { emits: [Double] }, async ({ n }) => {
        refused.push(await run(output, { group }).catch((error) => error));
        return message(Double, { n: 2 * n });
      });
      const entries = [
        [Source, input],
        [Double, output],
      ] as const;
      await new WaterMill({ process: first, broker: new JsonFileMessageBroker(entries, { group }) }).run();
      expect(refused).toHaveLength(2);
      for (const error of refused) {
        expect(error).toMatchObject({
          code: group === undefined ? 'WM_OUTPUT_IN_USE' : 'WM_GROUP_IN_USE',
          message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
        });
      }
      expect(calls).toBe(0);
      expect(textOf('out.ndjson')).toBe(doubled);
      expect(readdirSync(directory.path).filter((name) => name.endsWith('.lock'))).toEqual([]);
    },
  );

  test.each([
    ['out', 'out.partial', undefined],
    ['out', 'out.g.partial', 'g'],
    ['out', 'out.g.progress.json', 'g'],
    ['out.partial', 'out', undefined],
  ])(
    '%s and %s: the second is refused, since one has the name of a file next to the other',
    async (one, other, group) => {
      const refused: unknown[] = [];
      const first = processFunction(Source, { emits: [Double] }, async ({ n }) => {
        refused.push(await run(directory.file(other)).catch((error) => error));
        return message(Double, { n: 2 * n });
      });
      const entries = [
        [Source, input],
        [Double, directory.file(one)],
      ] as const;
      const options: JsonFileOptions = { group, format: 'ndjson' };
      await new WaterMill({ process: first, broker: new JsonFileMessageBroker(entries, options) }).run();
      const common = one === 'out' ? other : one;
      expect(refused).toEqual(
        Array(2).fill(
          expect.objectContaining({
            code: 'WM_OUTPUT_IN_USE',
            message: expect.stringContaining(
              one === 'out'
                ? `${directory.file(common)} is being written by another mill`
                : `${directory.file(common)}, where the partial results of ${directory.file('out')} would be written, is being written by`,
            ),
          }),
        ),
      );
      expect(textOf(one)).toBe(doubled);
      expect(readdirSync(directory.path).filter((name) => name.endsWith('.lock'))).toEqual([]);
    },
  );

  test.each([
    [undefined, ['a', 'b']],
    ['g', ['a', 'b', 'a.g.progress.json']],
  ])(
    'of which one died in another container: all its locks are watched at the same time (group %s)',
    async (group, names) => {
      const partials = ['a', 'b'].map((name) => `${name}${group === undefined ? '' : `.${group}`}.partial`);
      const claims = [...names, ...partials].map((name) =>
        directory.file(`${name}.7-1-abcdef012345-0123456789ab.lock`),
      );
      for (const claim of claims) writeFileSync(claim, 'process 7 on elsewhere\n');
      const watched: string[] = [];
      const removed: string[] = [];
      const info = (_: object, text: string): void => {
        if (text.startsWith('Checking for up to 10 s whether process 7 on elsewhere still ')) watched.push(text);
        if (watched.length < names.length) return;
        removed.push(...claims.filter((claim) => existsSync(claim)));
        for (const claim of claims) rmSync(claim, { force: true });
      };
      const logger: Logger = { debug() {}, info, warn() {}, error() {} };
      await mill([directory.file('a'), directory.file('b')], { group, format: 'ndjson' }, input, logger).run();
      expect(removed).toEqual(claims);
      expect(textOf('a')).toBe(doubled);
    },
  );

  test('that start at the same time never mix, whatever other outputs they have, in any order', async () => {
    const [one, other] = [directory.file('a.ndjson'), directory.file('b.ndjson')];
    const outcomes = await Promise.allSettled([mill([one, other]).run(), mill([other, one]).run()]);
    expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
    expect([textOf('a.ndjson'), textOf('b.ndjson')].sort()).toEqual([doubled, '{"n":3}\n{"n":6}\n']);
  });
});

describe('changes while a mill runs', () => {
  /** Runs a mill with two outputs, with an event at its first call. */
  function runWhile(happens: () => void, options: JsonFileOptions = {}, name = 'out') {
    const entries = [
      [Source, input],
      [Double, directory.file(`${name}/double.ndjson`)],
      [Triple, directory.file(`${name}/triple.ndjson`)],
    ] as const;
    const process = processFunction(Source, { emits: [Double, Triple] }, ({ n }) => {
      if (n === 1) happens();
      return [message(Double, { n: 2 * n }), message(Triple, { n: 3 * n })];
    });
    return new WaterMill({ process, broker: new JsonFileMessageBroker(entries, options) }).run();
  }

  test.each([undefined, 'g'])(
    'a partial file that another program replaces ends the run, and its file stays (group %s)',
    async (group) => {
      const partial = `out/double.ndjson${group === undefined ? '' : '.g'}.partial`;
      const replace = () => {
        writeFileSync(directory.file('foreign'), 'foreign');
        renameSync(directory.file('foreign'), directory.file(partial));
      };
      await expect(runWhile(replace, { group })).rejects.toMatchObject({
        code: 'WM_OUTPUT_FAILED',
        message: expect.stringContaining('was removed, renamed or replaced while the mill was running.'),
      });
      expect(textOf(partial)).toBe('foreign');
      expect(existsSync(directory.file('out/double.ndjson'))).toBe(false);
    },
  );

  test.each([undefined, 'g'])(
    'of two outputs the one that cannot become final is named, and kept (group %s)',
    async (group) => {
      const inTheWay = directory.file('out/triple.ndjson');
      await expect(runWhile(() => mkdirSync(inTheWay), { group })).rejects.toMatchObject({
        code: 'WM_OUTPUT_FAILED',
        message: expect.stringContaining(`${inTheWay} cannot be written`),
      });
      expect(textOf('out/double.ndjson')).toBe(doubled);
      expect(textOf(`out/triple.ndjson${group === undefined ? '' : '.g'}.partial`)).toBe('{"n":3}\n{"n":6}\n');
      rmdirSync(inTheWay);
      const again = await runWhile(() => {}, { group });
      expect(again.ended).toBe(group === undefined ? 'master ended' : 'already ended');
      expect(textOf('out/triple.ndjson')).toBe('{"n":3}\n{"n":6}\n');
      expect(readdirSync(directory.file('out')).filter((name) => /partial|lock/.test(name))).toEqual([]);
    },
  );

  test.each([undefined, 'g'])(
    'a partial file that is removed ends the run, and nothing says that results are there (group %s)',
    async (group) => {
      const partial = directory.file(`out/triple.ndjson${group === undefined ? '' : '.g'}.partial`);
      await expect(runWhile(() => rmSync(partial), { group })).rejects.toMatchObject({
        code: 'WM_OUTPUT_FAILED',
        message:
          `${directory.file('out/triple.ndjson')} cannot be written: ${partial}, which held its results, was removed, ` +
          'renamed or replaced while the mill was running. Run again when nothing else touches the files next to an output.',
      });
      expect(readdirSync(directory.file('out')).filter((name) => name.endsWith('.lock'))).toEqual([]);
    },
  );

  test('a removed folder ends the run, is named, and is not recreated', async () => {
    const failed = runWhile(() => rmSync(directory.file('out'), { recursive: true }));
    await expect(failed).rejects.toMatchObject({
      code: 'WM_LOCK_LOST',
      message: expect.stringContaining(directory.file('out/')),
    });
    expect(existsSync(directory.file('out'))).toBe(false);
  });
});

const pipes = process.platform === 'win32' ? describe.skip : describe;
pipes('a named pipe', () => {
  const pipe = () => directory.file('pipe');
  beforeEach(() => execFileSync('mkfifo', [pipe()]));

  test('is written directly, one object per line, and ends with the stream', async () => {
    symlinkSync('pipe', directory.file('link'));
    const reader = spawn('cat', [pipe()]);
    let text = '';
    reader.stdout.on('data', (bytes) => (text += bytes));
    const ended = new Promise((resolve) => reader.on('close', resolve));
    await run(directory.file('link'));
    await ended;
    expect(text).toBe(doubled);
    expect(lstatSync(pipe()).isFIFO()).toBe(true);
    expect(readdirSync(directory.path).sort()).toEqual(['in.ndjson', 'link', 'pipe']);
  });

  test('starts with the header of its rows, even if there are none', async () => {
    writeFileSync(input, '');
    const reader = spawn('cat', [pipe()]);
    let text = '';
    reader.stdout.on('data', (bytes) => (text += bytes));
    const ended = new Promise((resolve) => reader.on('close', resolve));
    const broker = new JsonFileMessageBroker([
      [Source, input],
      [Double, pipe(), { format: csv() }],
    ]);
    const process = processFunction(Source, { emits: [Double] }, ({ n }) => message(Double, { n: 2 * n }));
    await new WaterMill({ process, broker }).run();
    await ended;
    expect(text).toBe('n\n');
  });

  test.each(['broker', 'outputBroker'])(
    'of a %s that nobody reads is not waited for when the mill is stopped',
    async (place) => {
      const waiting: string[] = [];
      const results = new JsonFileMessageBroker([[Double, pipe()]]);
      const one = new JsonFileMessageBroker([
        [Source, input],
        [Double, pipe()],
      ]);
      const brokers =
        place === 'broker'
          ? { broker: one }
          : { broker: new JsonFileMessageBroker([[Source, input]]), outputBroker: results };
      const process = processFunction(Source, { emits: [Double] }, ({ n }) => message(Double, { n }));
      const nothing = () => {};
      let isWaiting = nothing;
      const said = new Promise<void>((resolve) => (isWaiting = resolve));
      const logger = {
        debug: nothing,
        warn: nothing,
        error: nothing,
        info: (_: object, text: string) => {
          waiting.push(text);
          isWaiting();
        },
      };
      const stopped = new WaterMill({ process, ...brokers, logger });
      const running = stopped.run();
      await said;
      await stopped.stop();
      expect((await running).ended).toBe('stopped');
      expect(waiting[0]).toBe(`Waiting for a reader to open ${pipe()} for reading`);
    },
  );

  test('whose reader disconnects is an error that names it', async () => {
    writeFileSync(input, Array.from({ length: 50_000 }, (_, n) => `{"n":${n}}\n`).join(''));
    spawn('head', ['-n', '1', pipe()]);
    await expect(run(pipe())).rejects.toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      message: expect.stringContaining(`${pipe()} cannot be written`),
      details: { found: 'EPIPE' },
    });
  });

  test('whose reader does not read does not block a stopped mill', async () => {
    writeFileSync(input, Array.from({ length: 50_000 }, (_, n) => `{"n":${n}}\n`).join(''));
    const reader = spawn('sh', ['-c', 'exec 3< "$0"; echo open; exec sleep 60', pipe()]);
    const running = mill([pipe()]);
    const outcome = running.run().then(
      () => 'ran',
      (error) => error,
    );
    await new Promise((resolve) => reader.stdout.once('data', resolve));
    // More than the system buffers for a reader.
    for (let looks = 0; looks < 1_000_000 && !JSON.stringify(running.progress()).includes('writing results'); looks++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await running.stop();
    expect(await outcome).toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      details: { found: 'EAGAIN' },
      message: expect.stringMatching(/is not reading it\. What it had not read is lost\. Keep the reader running/),
    });
    reader.kill();
  });

  test('is refused with a group, with arrays, and next to itself', async () => {
    expect(await refusal([pipe()], { group: 'g' })).toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      message:
        `${pipe()} cannot be an output: it is a pipe or the standard output. Results there cannot be undone: ` +
        "a resumed mill would write its results again, which the group 'g' is meant to prevent. Leave the group out, or name a file.",
    });
    expect(await refusal([pipe()], { format: 'array' })).toMatchObject({ code: 'WM_OUTPUT_FAILED' });
    symlinkSync('pipe', directory.file('link'));
    expect(await refusal([pipe(), directory.file('link')])).toMatchObject({ code: 'WM_SAME_FILE' });
  });
});

pipes('the standard output', () => {
  const program = path.join(__dirname, 'to-stdout.mjs');

  /** Runs a shell command in which `$RUN` is a mill that writes to an output. */
  function shell(command: string, output: string): { out: string; code: number | null } {
    const env = { ...process.env, RUN: `${process.execPath} ${program} ${input} ${output}` };
    try {
      return { out: execFileSync('bash', ['-c', command], { env, cwd: directory.path }).toString(), code: 0 };
    } catch (error) {
      const { stdout, status } = error as { stdout: Buffer; status: number };
      return { out: stdout.toString(), code: status };
    }
  }

  test.each(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', 'link'])('is written through as %s', (output) => {
    symlinkSync('/dev/stdout', directory.file('link'));
    expect(shell('$RUN | cat', output)).toEqual({ out: doubled, code: 0 });
    expect(readdirSync(directory.path).sort()).toEqual(['in.ndjson', 'link']);
  });

  test.each([
    ['a pipe', '$RUN', doubled],
    ['the end of a file', 'echo first > file; $RUN >> file; cat file', `first\n${doubled}`],
    ['a device', '$RUN > /dev/null', ''],
  ])('is written directly if it is %s', (_, command, out) => {
    expect(shell(command, '-')).toEqual({ out, code: 0 });
    expect(existsSync(directory.file('-'))).toBe(false);
  });

  test('and the standard input share a name, and are two streams', () => {
    const command = `cat in.ndjson | ${process.execPath} ${program} - - | cat`;
    expect(shell(command, '-')).toEqual({ out: doubled, code: 0 });
  });

  test('has its own format if it shares its name with the standard input', () => {
    const command = `cat in.ndjson | ${process.execPath} ${program} - - csv | cat`;
    const rows = doubled.replace(/[^\d\n]/g, '');
    expect(shell(command, '-')).toEqual({ out: `n\n${rows}`, code: 0 });
  });

  test('that is closed ends the mill, and is named', () => {
    writeFileSync(input, Array.from({ length: 50_000 }, (_, n) => `{"n":${n}}\n`).join(''));
    const { out } = shell('$RUN 2> errors | head -n 1; echo $PIPESTATUS', '-');
    expect(out).toBe('{"n":0}\n1\n');
    expect(textOf('errors')).toMatch(/^WM_OUTPUT_FAILED \/dev\/stdout cannot be written: .*EPIPE/);
  });
});
