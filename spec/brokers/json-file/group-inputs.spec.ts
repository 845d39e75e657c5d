import {
  appendFileSync,
  promises as fs,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  countWindow,
  Field,
  field,
  hoppingWindow,
  JsonFileMessageBroker,
  type JsonFileOptions,
  joinStreams,
  joinWith,
  Message,
  message,
  processFunction,
  slidingWindow,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';
import { CrashingFileSystem } from './crashing-file-system.js';

@Message()
class Source {
  @Field() n!: number;
}

@Message()
class Other {
  @Field() n!: number;
}

@Message()
class Result {
  @Field() n!: number;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

type OnEnded = JsonFileOptions['onEnded'];

const lines = (...numbers: number[]) => numbers.map((n) => `{"n":${n}}\n`).join('');
const array = (...numbers: number[]) => `[\n${numbers.map((n) => `{"n":${n}}`).join(',\n')}\n]\n`;
const asArray = (text: string) => (text.startsWith('[') ? text : `[${text.trim().replaceAll('\n', ',')}]`);
const write = (name: string, text: string) => writeFileSync(directory.file(name), text);
const textOf = (name: string) => {
  const bytes = readFileSync(directory.file(name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
};

/** Copies one file to another, element by element; fails at one of them. */
function copy(
  from: string,
  to: string,
  onEnded?: OnEnded,
  failsAt = Number.NaN,
  onBadMessage: 'fail' | 'skip' = 'fail',
) {
  const process = processFunction(Source, { emits: [Result] }, ({ n }) => {
    if (n === failsAt) throw new Error('stopped here');
    return message(Result, { n });
  });
  const broker = new JsonFileMessageBroker(
    [
      [Source, directory.file(from)],
      [Result, directory.file(to)],
    ],
    { group: 'daily', onEnded },
  );
  const inputs = [[Source, { onBadMessage }]] as const;
  return new WaterMill({ process, broker, inputs, commitEvery: { elements: 2, ms: 1e9 } }).run();
}

const failure = (run: Promise<unknown>) =>
  run.then(
    () => 'no failure',
    (error) => error,
  );

describe('a group that has ended', () => {
  test('stays ended if its input is unchanged, whatever the option', async () => {
    write('in.ndjson', lines(1, 2));
    await copy('in.ndjson', 'out.ndjson');
    const before = statSync(directory.file('out.ndjson')).mtimeMs;
    for (const onEnded of [undefined, 'restart', 'continue'] as const) {
      const report = await copy('in.ndjson', 'out.ndjson', onEnded);
      expect(report).toMatchObject({ ended: 'already ended', calls: 0 });
      expect(String(report)).toMatch(/^had already ended in an earlier run after/);
    }
    expect(statSync(directory.file('out.ndjson')).mtimeMs).toBe(before);
    renameSync(directory.file('in.ndjson'), directory.file('moved.ndjson'));
    expect((await copy('moved.ndjson', 'out.ndjson')).ended).toBe('already ended');
  });

  test.each<[string, string, string]>([
    ['another of the same size', lines(3, 4), 'or restore the previous file'],
    ['a shorter one', lines(1), 'or restore the previous file'],
    ['a longer one', lines(3, 4, 5), 'or restore the previous file'],
    ['the same with more behind it', lines(1, 2, 3), "or process what was appended with onEnded: 'continue'"],
    ['an empty one', '', 'or restore the previous file'],
  ])('refuses %s, until it is told to start over', async (_, text, remedy) => {
    write('in.ndjson', lines(1, 2));
    await copy('in.ndjson', 'out.ndjson');
    write('in.ndjson', text);
    const input = directory.file('in.ndjson');
    expect(await failure(copy('in.ndjson', 'out.ndjson'))).toMatchObject({
      code: 'WM_FILE_CHANGED',
      message: expect.stringContaining(
        `The group has already ended, but ${input}, the input of Source, is not what it was`,
      ),
      details: { stream: input },
    });
    expect((await failure(copy('in.ndjson', 'out.ndjson'))).message).toContain(
      `Start over with onEnded: 'restart' in the options of the broker, ${remedy}.`,
    );
    expect(textOf('out.ndjson')).toBe(lines(1, 2));
    expect((await copy('in.ndjson', 'out.ndjson', 'restart')).ended).toBe('master ended');
    expect(textOf('out.ndjson')).toBe(text);
    expect((await copy('in.ndjson', 'out.ndjson')).ended).toBe('already ended');
    expect(readdirSync(directory.path).sort()).toEqual(['in.ndjson', 'out.ndjson', 'out.ndjson.daily.progress.json']);
  });

  test.each<[string, string, string, string, string]>([
    ['an element behind an element', 'in.ndjson', '{"n":1}\n{"n":2}', '{"n":3}\n{"n":4}\n', "'{'"],
    ['an element behind white space', 'in.ndjson', '{"n":1} \r', '\t{"n":3}\n', "'{'"],
    ['behind a line longer than the samples', 'in.ndjson', `{"n":1,"x":"${'x'.repeat(40_000)}"}`, '{"n":3}', "'{'"],
    ['behind a byte order mark', 'in.ndjson', '\ufeff{"n":1}', 'ü\n', "'ü'"],
  ])('refuses an input whose last line was continued: %s', async (_, input, text, appended, found) => {
    write(input, text);
    await copy(input, 'out.ndjson');
    const before = textOf('out.ndjson');
    appendFileSync(directory.file(input), appended);
    expect(await failure(copy(input, 'out.ndjson', 'continue'))).toMatchObject({
      code: 'WM_FILE_CHANGED',
      message: expect.stringContaining(
        `expected the end of its last line at byte ${Buffer.byteLength(text)}, or a line end there, found ${found}.`,
      ),
    });
    expect(textOf('out.ndjson')).toBe(before);
  });

  test.each<[string, string, string, string]>([
    ['the line end', '{"n":1}\n{"n":2}', '\n{"n":3}\n', lines(1, 2, 3)],
    ['half of a line end', '{"n":1}\r', '\n{"n":2}', lines(1, 2)],
    ['the rest of a line that was no JSON', '{"n":1}\n{"n":', '2}\n{"n":3}\n', lines(1, 2, 3)],
    ['the rest of a line that is white space', '{"n":1}\n  ', '{"n":2}', lines(1, 2)],
  ])('continues if the appended text begins with %s', async (_, text, appended, results) => {
    write('in.ndjson', text);
    await copy('in.ndjson', 'out.ndjson', undefined, Number.NaN, 'skip');
    appendFileSync(directory.file('in.ndjson'), appended);
    await copy('in.ndjson', 'out.ndjson', 'continue', Number.NaN, 'skip');
    expect(textOf('out.ndjson')).toBe(results);
  });

  test.each<[what: string, previous: string, found: string]>([
    ['shorter', lines(1, 2), '16'],
    ['longer', lines(1, 2, 3, 4), '32'],
    ['empty', '', '0'],
  ])(
    'refuses results that were replaced by a %s file, instead of reporting that it has ended',
    async (_, text, found) => {
      write('in.ndjson', lines(1, 2, 3));
      await copy('in.ndjson', 'out.ndjson');
      write('out.ndjson', text);
      for (const onEnded of [undefined, 'continue'] as const) {
        expect(await failure(copy('in.ndjson', 'out.ndjson', onEnded))).toMatchObject({
          code: 'WM_OUTPUT_CHANGED',
          details: { expected: '24 bytes', found },
        });
      }
    },
  );

  test('leaves an empty file of results as it is, and refuses one that replaced it', async () => {
    write('in.ndjson', '');
    await copy('in.ndjson', 'out.ndjson');
    const { mtimeMs, ino } = statSync(directory.file('out.ndjson'));
    expect(await copy('in.ndjson', 'out.ndjson')).toMatchObject({ ended: 'already ended' });
    expect(statSync(directory.file('out.ndjson'))).toMatchObject({ mtimeMs, ino, size: 0 });
    write('out.ndjson', lines(1));
    expect(await failure(copy('in.ndjson', 'out.ndjson'))).toMatchObject({
      code: 'WM_OUTPUT_CHANGED',
      details: { expected: '0 bytes', found: '8' },
    });
    expect(textOf('out.ndjson')).toBe(lines(1));
    rmSync(directory.file('out.ndjson'));
    expect(await copy('in.ndjson', 'out.ndjson')).toMatchObject({ ended: 'already ended' });
    expect(textOf('out.ndjson')).toBe('');
  });

  test('keeps its results if its progress is replaced by an earlier one that has all of them', async () => {
    const progress = 'out.ndjson.daily.progress.json';
    write('in.ndjson', `${lines(1, 2)}"not a source"\n`);
    await failure(copy('in.ndjson', 'out.ndjson'));
    const earlier = textOf(progress);
    const again = () => copy('in.ndjson', 'out.ndjson', undefined, Number.NaN, 'skip');
    expect(await again()).toMatchObject({ ended: 'master ended', calls: 0 });
    write(progress, earlier);
    expect(await again()).toMatchObject({ ended: 'master ended', calls: 0 });
    expect(await again()).toMatchObject({ ended: 'already ended' });
    expect(textOf('out.ndjson')).toBe(lines(1, 2));
  });

  test('refuses an input that was renamed and rewritten', async () => {
    write('monday.ndjson', lines(1, 2));
    write('tuesday.ndjson', lines(3, 4));
    await copy('monday.ndjson', 'out.ndjson');
    expect(await failure(copy('tuesday.ndjson', 'out.ndjson'))).toMatchObject({ code: 'WM_FILE_CHANGED' });
    utimesSync(directory.file('monday.ndjson'), 5, 5);
    expect(await failure(copy('monday.ndjson', 'out.ndjson'))).toMatchObject({
      code: 'WM_FILE_CHANGED',
      details: { found: '1970-01-01T00:00:05.000Z' },
    });
    rmSync(directory.file('monday.ndjson'));
    expect(await failure(copy('monday.ndjson', 'out.ndjson'))).toMatchObject({ code: 'WM_FILE_CHANGED' });
  });

  test.each<[string, string, string, string, string]>([
    ['lines', 'in.ndjson', 'out.ndjson', lines(1, 2), lines(1, 2, 3)],
    ['arrays', 'in.json', 'out.json', array(1, 2), array(1, 2, 3)],
    ['lines without an end', 'in.ndjson', 'out.ndjson', '{"n":1}\n{"n":2}', lines(1, 2, 3)],
    ['arrays in one line', 'in.json', 'out.json', '[{"n":1},{"n":2}]', '[{"n":1},{"n":2},{"n":3}]'],
    [
      'arrays with much space',
      'in.json',
      'out.json',
      '[{"n":1},{"n":2}\n\n\n\n\n\n\n]\n',
      '[{"n":1},{"n":2}\n , {"n":3}]',
    ],
    ['arrays that have grown by nothing', 'in.json', 'out.json', '[]', '[ ]'],
    ['lines into a packed array', 'in.ndjson', 'out.json.gz', lines(1, 2), lines(1, 2, 3)],
    ['arrays into packed lines', 'in.json', 'out.ndjson.gz', array(1, 2), array(1, 2, 3)],
    ['an empty array', 'in.json', 'out.json', '[]', array(1, 2)],
    ['an empty file', 'in.ndjson', 'out.ndjson', '', lines(1, 2)],
  ])('continues with appended elements on request: %s', async (_, from, to, text, grown) => {
    write(from, text);
    await copy(from, to);
    write(from, grown);
    const report = await copy(from, to, 'continue');
    expect(report).toMatchObject({
      ended: 'master ended',
      calls: JSON.parse(asArray(grown)).length - JSON.parse(asArray(text)).length,
    });
    write('whole', grown);
    await copy('whole', `whole-${to}`);
    expect(textOf(to)).toBe(textOf(`whole-${to}`));
    expect((await copy(from, to)).ended).toBe('already ended');
  });

  test('continues with the elements of a compressed file', async () => {
    writeFileSync(directory.file('in.gz'), gzipSync(lines(1, 2)));
    await copy('in.gz', 'out.ndjson');
    appendFileSync(directory.file('in.gz'), gzipSync(lines(3)));
    expect((await copy('in.gz', 'out.ndjson', 'continue')).calls).toBe(1);
    expect(textOf('out.ndjson')).toBe(lines(1, 2, 3));
  });

  test.each<[string, string, number | string]>([
    ['its last line', '{"n":3}\n', "expected the end of its last line at byte SIZE, or a line end there, found '{'."],
    ['its last line after a line end', '\n{"n":3}\n', 1],
  ])('continues with compressed members after %s', async (_, added, outcome) => {
    const packed = gzipSync(lines(1, 2).trimEnd());
    writeFileSync(directory.file('in.gz'), packed);
    await copy('in.gz', 'out.ndjson');
    appendFileSync(directory.file('in.gz'), gzipSync(added));
    if (typeof outcome === 'number') {
      expect((await copy('in.gz', 'out.ndjson', 'continue')).calls).toBe(outcome);
      expect(textOf('out.ndjson')).toBe(lines(1, 2, 3));
    } else {
      await expect(copy('in.gz', 'out.ndjson', 'continue')).rejects.toThrow(
        outcome.replace('SIZE', `${packed.length}`),
      );
    }
  });

  test('does not continue if the input has not only grown', async () => {
    write('in.ndjson', lines(1, 2));
    await copy('in.ndjson', 'out.ndjson');
    write('in.ndjson', lines(1, 9, 3));
    expect(await failure(copy('in.ndjson', 'out.ndjson', 'continue'))).toMatchObject({
      code: 'WM_FILE_CHANGED',
      message: expect.stringContaining("onEnded: 'continue' needs files that have only grown"),
    });
    expect(textOf('out.ndjson')).toBe(lines(1, 2));
  });

  test('continues after an early end: the stream that had ended has more', async () => {
    write('in.ndjson', lines(1, 2, 3, 4));
    write('other.ndjson', lines(1));
    const join = (onEnded?: OnEnded) => {
      const tree = joinStreams(Source, joinWith(Other, { left: field(Source, 'n'), right: field(Other, 'n') }));
      const process = processFunction(tree, { emits: [Result] }, ({ n }) => message(Result, { n }));
      const names = ['in.ndjson', 'other.ndjson', 'out.ndjson'].map((name) => directory.file(name));
      const entries = [Source, Other, Result].map((message, i) => [message, names[i]] as const);
      return new WaterMill({
        process,
        broker: new JsonFileMessageBroker(entries as any, { group: 'daily', ...(onEnded && { onEnded }) }),
      }).run();
    };
    expect((await join()).ended).toBe('no further match');
    appendFileSync(directory.file('other.ndjson'), lines(3, 4));
    expect((await join('continue')).ended).toBe('master ended');
    expect(textOf('out.ndjson')).toBe(lines(1, 3, 4));
  });

  test.each<[string, boolean]>([
    ['a join', false],
    ['a window', true],
  ])('takes what was appended after an early end of %s, in a run that was interrupted then', async (_, isWindow) => {
    write('in.ndjson', lines(1, 2, 3, 4));
    write('other.ndjson', lines(1));
    let isBroken = true;
    const run = () => {
      const window = tumblingWindow(Source, field(Source, 'n'), { size: 1 });
      const join = joinWith(Other, { left: field(Source, 'n'), right: field(Other, 'n') });
      const tree = isWindow ? joinStreams(window, join) : joinStreams(Source, join);
      const atEnd = () => {
        if (isBroken) throw new Error('no end');
      };
      const process = processFunction(tree as any, { emits: [Result], atEnd }, (sources: any) =>
        [sources].flat().map(({ n }: Source) => message(Result, { n })),
      );
      const names = ['in.ndjson', 'other.ndjson', 'out.ndjson'].map((name) => directory.file(name));
      const entries = [Source, Other, Result].map((message, i) => [message, names[i]] as const);
      return new WaterMill({ process, broker: new JsonFileMessageBroker(entries as any, { group: 'daily' }) }).run();
    };
    expect(await failure(run())).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    appendFileSync(directory.file('other.ndjson'), lines(3, 4));
    isBroken = false;
    expect((await run()).ended).toBe('master ended');
    expect(textOf('out.ndjson')).toBe(lines(1, 3, 4));
  });

  const ofN = { left: field(Source, 'n'), right: field(Other, 'n') };
  const ofResult = { left: field(Other, 'n'), right: field(Result, 'n') };
  const sameDigit = [[field(Other, 'n').mod(10), field(Result, 'n').mod(10)]] as const;
  type Numbers = { in?: number[]; other?: number[]; deep?: number[] };
  describe.each<[string, any]>([
    ['in order', 'fail'],
    ['under slack', { slack: 1 }],
  ])('with the other stream %s', (_, order) => {
    test.each<[what: string, tree: any, before: Numbers, calls: number[], appended: Numbers, more: number[]]>([
      [
        'an equal key',
        joinStreams(Source, joinWith(Other, ofN)),
        { other: [1, 2, 2, 3] },
        [1, 2],
        { in: [2, 3] },
        [2, 3],
      ],
      [
        'as of',
        joinStreams(Source, joinWith(Other, { ...ofN, asOf: 'backward' })),
        { other: [1, 2] },
        [1, 2],
        { in: [3, 9] },
        [3, 9],
      ],
      [
        'an interval',
        joinStreams(Source, joinWith(Other, { ...ofN, within: [-3, 3] })),
        { other: [1, 5] },
        [1, 2],
        { in: [2, 3] },
        [2, 3],
      ],
      [
        'a window',
        joinStreams(tumblingWindow(Source, field(Source, 'n'), { size: 1 }), joinWith(Other, ofN)),
        { other: [1, 2, 3, 4] },
        [1, 2],
        { in: [3, 4] },
        [3, 4],
      ],
      [
        'a nested join',
        joinStreams(Source, joinWith(joinStreams(Other, joinWith(Result, ofResult)), ofN)),
        { other: [1, 2, 3], deep: [1, 2, 3] },
        [1, 2],
        { in: [2, 3] },
        [2, 3],
      ],
      [
        // The first other element has no result, so it is dropped; its band has the result of the next one.
        'a nested join whose stream has more',
        joinStreams(
          Source,
          joinWith(joinStreams(Other, joinWith(Result, { ...ofResult, within: [-5, 5], on: sameDigit })), {
            ...ofN,
            within: [-5, 0],
          }),
        ),
        { in: [22], other: [18], deep: [21] },
        [],
        { in: [23], other: [21] },
        [23],
      ],
    ])('joins what was appended with elements of before: %s', async (__, tree, before, calls, appended, more) => {
      const classes = { in: Source, other: Other, deep: Result };
      const names = Object.keys(classes) as (keyof Numbers)[];
      for (const name of names) write(`${name}.ndjson`, lines(...({ in: [1, 2], ...before }[name] ?? [])));
      const taken: number[] = [];
      const run = (onEnded?: OnEnded) => {
        const process = processFunction(tree, { emits: [] }, (sources: any) => {
          for (const { n } of [sources].flat() as Source[]) taken.push(n);
        });
        const entries = names.map((name) => [classes[name], directory.file(`${name}.ndjson`)] as const);
        const broker = new JsonFileMessageBroker(entries, { group: 'daily', ...(onEnded && { onEnded }) });
        return new WaterMill({ process, broker, inputs: [[Other, { order }]] }).run();
      };
      await run();
      expect(taken).toEqual(calls);
      for (const name of names) appendFileSync(directory.file(`${name}.ndjson`), lines(...(appended[name] ?? [])));
      await run('continue');
      expect(taken).toEqual([...calls, ...more]);
    });
  });

  const sliding = slidingWindow(Source, field(Source, 'n'), { size: 10 });
  test.each<[string, any, before: number[][], after: number[][], counts: object]>([
    [
      'a tumbling window',
      tumblingWindow(Source, field(Source, 'n'), { size: 1 }),
      [[1], [7]],
      [[8]],
      { matched: 1, passedOver: 1, late: 1 },
    ],
    // Here the elements before the end are read again.
    [
      'sliding windows',
      sliding,
      [[1], [1, 7]],
      [
        [1, 7, 7],
        [1, 7, 7, 8],
      ],
      { matched: 4, passedOver: 0, late: 1 },
    ],
    [
      'sliding windows with a join',
      joinStreams(sliding, joinWith(Result, { left: field(Source, 'n'), right: field(Result, 'n'), kind: 'left' })),
      [[1], [1, 7]],
      [
        [1, 7, 7],
        [1, 7, 7, 8],
      ],
      { matched: 4, passedOver: 0, late: 1 },
    ],
  ])('counts appended elements of %s under slack as late if later ones were called before the end', async (...args) => {
    const [, tree, before, after, counts] = args;
    const run = async (onEnded?: OnEnded) => {
      const called: number[][] = [];
      const process = processFunction(tree, {}, (sources: any) => {
        called.push(sources.map(({ n }: Source) => n));
      });
      const entries = [
        [Source, directory.file('in.ndjson')],
        [Result, directory.file('results.ndjson')],
        [Other, directory.file('late.ndjson')],
      ] as const;
      const broker = new JsonFileMessageBroker(entries, { group: 'daily', onEnded });
      const inputs = [[Source, { order: { slack: 3, late: Other } }]] as const;
      const { nodes } = await new WaterMill({ process, broker, inputs }).run();
      return { called, ...nodes[0] };
    };
    write('results.ndjson', lines(1));
    write('in.ndjson', lines(1, 7));
    expect(await run()).toMatchObject({ called: before, read: 2, matched: 2 });
    appendFileSync(directory.file('in.ndjson'), lines(5, 7, 8));
    // Without the end, 5 would be within the slack.
    expect(await run('continue')).toMatchObject({ called: after, ...counts });
    expect(textOf('late.ndjson')).toBe(lines(5));
  });

  type Counts = [read: number, matched: number, passedOver: number];
  test.each<[string, any, [numbers: number[], calls: number[][], counts: Counts][]]>([
    [
      'a tumbling window',
      tumblingWindow(Source, field(Source, 'n'), { size: 10 }),
      [
        [[1, 2], [[1, 2]], [2, 2, 0]],
        [[3, 12], [[12]], [2, 1, 1]],
      ],
    ],
    [
      'hopping windows',
      hoppingWindow(Source, field(Source, 'n'), { size: 10, every: 5 }),
      [
        [[7], [[7], [7]], [1, 1, 0]],
        // 9 is in the windows from 0 and from 5, 12 in those from 5 and from 10.
        [[9, 12], [[12]], [2, 1, 1]],
      ],
    ],
    [
      'a window of four',
      countWindow(Source, { size: 4 }),
      [
        [[1, 2], [[1, 2]], [2, 2, 0]],
        // The first window is read again: it goes on to the fourth element.
        [[3], [], [3, 2, 1]],
        [[4, 5], [[5]], [5, 3, 2]],
      ],
    ],
  ])('counts appended elements of %s that the end has closed as passed over', async (_, tree, runs) => {
    for (const [i, [numbers, calls, [read, matched, passedOver]]] of runs.entries()) {
      appendFileSync(directory.file('in.ndjson'), lines(...numbers));
      const made: number[][] = [];
      const process = processFunction(tree, {}, (sources: any) => void made.push(sources.map(({ n }: Source) => n)));
      const onEnded = i > 0 ? 'continue' : undefined;
      const broker = new JsonFileMessageBroker([[Source, directory.file('in.ndjson')]], { group: 'daily', onEnded });
      const report = await new WaterMill({ process, broker }).run();
      expect({ calls: made, ...report.nodes[0] }).toMatchObject({ calls, read, matched, passedOver });
    }
  });

  test('continues again after an interruption, and reports it without the option', async () => {
    write('in.ndjson', lines(1, 2));
    await copy('in.ndjson', 'out.ndjson');
    appendFileSync(directory.file('in.ndjson'), lines(3, 4, 5));
    expect(await failure(copy('in.ndjson', 'out.ndjson', 'continue', 3))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(textOf('out.ndjson')).toBe(lines(1, 2));
    // Not even the previous input completes the run that was begun.
    write('in.ndjson', lines(1, 2, 3, 4, 5));
    expect(await failure(copy('in.ndjson', 'out.ndjson', 'continue', 5))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect((await copy('in.ndjson', 'out.ndjson')).ended).toBe('master ended');
    expect(textOf('out.ndjson')).toBe(lines(1, 2, 3, 4, 5));
  });

  test('continues to the same file when killed at any call of the file system', async () => {
    const [from, to] = ['in.json', 'out/out.json'];
    const whole = array(...Array.from({ length: 7 }, (_, n) => n));
    let call = 1;
    for (let killed = true; killed; call++) {
      write(from, array(0, 1));
      await copy(from, to);
      write(from, whole);
      const system = new CrashingFileSystem(call);
      await copy(from, to, 'continue').catch(() => {});
      killed = system.died;
      await system.restore();
      for (const name of readdirSync(directory.file('out'))) {
        if (name.endsWith('.lock')) rmSync(directory.file(`out/${name}`));
      }
      await copy(from, to, 'continue');
      expect({ call, text: textOf(to) }).toEqual({ call, text: whole });
      expect(readdirSync(directory.file('out')).sort()).toEqual(['out.json', 'out.json.daily.progress.json']);
      rmSync(directory.file('out'), { recursive: true });
    }
    expect(call).toBeGreaterThan(20);
  });

  test.each([
    ['out.ndjson', 'last.ndjson'],
    ['out.json', 'last.json.gz'],
    ['out.ndjson.gz', 'last.ndjson'],
  ])(
    'leaves results to which it adds nothing as they are, so that a mill that reads them has ended: %s',
    async (to, last) => {
      write('in.ndjson', lines(1, 2));
      await copy('in.ndjson', to);
      await copy(to, last);
      const { mtimeMs, ino } = statSync(directory.file(to));
      appendFileSync(directory.file('in.ndjson'), '"not a source"\n');
      expect(await copy('in.ndjson', to, 'continue', Number.NaN, 'skip')).toMatchObject({
        ended: 'master ended',
        calls: 0,
      });
      expect(statSync(directory.file(to))).toMatchObject({ mtimeMs, ino });
      expect(readdirSync(directory.path).filter((name) => name.endsWith('.partial'))).toEqual([]);
      expect((await copy(to, last, 'continue')).ended).toBe('already ended');
      appendFileSync(directory.file('in.ndjson'), lines(3));
      await copy('in.ndjson', to, 'continue', Number.NaN, 'skip');
      expect(await copy(to, last, 'continue')).toMatchObject({ ended: 'master ended', calls: 1 });
      expect(JSON.parse(asArray(textOf(last)))).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    },
  );

  test('leaves results to which it adds nothing as they are when killed at any call of the file system', async () => {
    let call = 1;
    for (let killed = true; killed; call++) {
      write('in.ndjson', lines(1, 2));
      await copy('in.ndjson', 'out/out.json');
      const { mtimeMs, ino } = statSync(directory.file('out/out.json'));
      appendFileSync(directory.file('in.ndjson'), '"not a source"\n');
      const system = new CrashingFileSystem(call);
      const again = () => copy('in.ndjson', 'out/out.json', 'continue', Number.NaN, 'skip');
      await again().catch(() => {});
      killed = system.died;
      await system.restore();
      for (const name of readdirSync(directory.file('out'))) {
        if (name.endsWith('.lock')) rmSync(directory.file(`out/${name}`));
      }
      await again();
      const found = statSync(directory.file('out/out.json'));
      expect({ call, mtimeMs: found.mtimeMs, ino: found.ino }).toEqual({ call, mtimeMs, ino });
      expect(readdirSync(directory.file('out')).sort()).toEqual(['out.json', 'out.json.daily.progress.json']);
      rmSync(directory.file('out'), { recursive: true });
    }
    expect(call).toBeGreaterThan(20);
  });

  test('loses no results next to a file of the same size when killed before they replace it', async () => {
    let call = 1;
    for (let killed = true; killed; call++) {
      write('in.ndjson', lines(1, 2));
      mkdirSync(directory.file('out'));
      write('out/out.ndjson', lines(8, 9));
      const system = new CrashingFileSystem(call);
      await copy('in.ndjson', 'out/out.ndjson').catch(() => {});
      killed = system.died;
      await system.restore();
      for (const name of readdirSync(directory.file('out'))) {
        if (name.endsWith('.lock')) rmSync(directory.file(`out/${name}`));
      }
      appendFileSync(directory.file('in.ndjson'), '"not a source"\n');
      await copy('in.ndjson', 'out/out.ndjson', 'continue', Number.NaN, 'skip');
      expect({ call, text: textOf('out/out.ndjson') }).toEqual({ call, text: lines(1, 2) });
      rmSync(directory.file('out'), { recursive: true });
    }
    expect(call).toBeGreaterThan(20);
  });

  test('continues with matches that only the longer input has', async () => {
    const run = (onEnded?: OnEnded) => {
      const tree = joinStreams(Source, joinWith(Other, { left: field(Source, 'n'), right: field(Other, 'n') }));
      const process = processFunction(tree, { emits: [Result] }, (source, others) =>
        others.of(source).map(({ n }) => message(Result, { n })),
      );
      const broker = new JsonFileMessageBroker(
        [
          [Source, directory.file('in.ndjson')],
          [Other, directory.file('other.ndjson')],
          [Result, directory.file('out.ndjson')],
        ],
        { group: 'daily', onEnded },
      );
      return new WaterMill({ process, broker }).run();
    };
    write('in.ndjson', lines(1, 2));
    write('other.ndjson', lines(1, 2, 3, 4, 5));
    await run();
    appendFileSync(directory.file('in.ndjson'), lines(4, 5, 6));
    await run('continue');
    expect(textOf('out.ndjson')).toBe(lines(1, 2, 4, 5));
    // When the run ended, it was decided that 6 has no match.
    appendFileSync(directory.file('in.ndjson'), lines(7));
    appendFileSync(directory.file('other.ndjson'), lines(6, 7));
    await run('continue');
    expect(textOf('out.ndjson')).toBe(lines(1, 2, 4, 5, 7));
  });
});

describe('a group that has not ended', () => {
  const begin = async () => {
    write('in.ndjson', lines(1, 2, 3, 4, 5, 6));
    expect(await failure(copy('in.ndjson', 'out.ndjson', undefined, 5))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
  };

  test.each<[string, string]>([
    ['another of the same size', lines(7, 8, 9, 4, 5, 6)],
    ['one that is shorter than what was read', lines(1, 2)],
    ['one that is shorter than it was', lines(1, 2, 3, 4)],
  ])('refuses %s', async (_, text) => {
    await begin();
    write('in.ndjson', text);
    expect(await failure(copy('in.ndjson', 'out.ndjson', 'restart'))).toMatchObject({
      code: 'WM_FILE_CHANGED',
      message: expect.stringContaining(`${directory.file('in.ndjson')} is not the file that the last run read`),
    });
  });

  test('refuses an input that was truncated after the part that was read', async () => {
    write('in.ndjson', lines(...Array.from({ length: 60_000 }, (_, n) => n)));
    expect(await failure(copy('in.ndjson', 'out.ndjson', undefined, 5))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    write('in.ndjson', lines(...Array.from({ length: 59_000 }, (_, n) => n)));
    expect(await failure(copy('in.ndjson', 'out.ndjson'))).toMatchObject({
      code: 'WM_FILE_CHANGED',
      details: { expected: expect.stringMatching(/^at least \d+ bytes$/) },
    });
  });

  test('continues with an input that has grown or was only touched', async () => {
    await begin();
    appendFileSync(directory.file('in.ndjson'), lines(7));
    await copy('in.ndjson', 'out.ndjson');
    expect(textOf('out.ndjson')).toBe(lines(1, 2, 3, 4, 5, 6, 7));
  });

  test.each<['opened' | 'read', string, string]>([
    ['opened', 'EMFILE', 'ulimit -n'],
    ['read', 'EIO', 'in.ndjson, element'],
  ])('names the failure wherever its input cannot be %s, and continues in the next run', async (what, code, text) => {
    let failsAt = 0;
    for (let isReached = true; isReached; failsAt++) {
      rmSync(directory.path, { recursive: true });
      mkdirSync(directory.path);
      await begin();
      isReached = false;
      let times = 0;
      const failOnce = () => {
        if (times++ !== failsAt) return;
        isReached = true;
        throw Object.assign(new Error(`${code}: it failed`), { code });
      };
      const real = fs.open;
      const spy = jest.spyOn(fs, 'open').mockImplementation(async (...args) => {
        if (args[0] !== directory.file('in.ndjson')) return real(...args);
        if (what === 'opened') failOnce();
        const file = await real(...args);
        if (what === 'read') {
          const read = file.read.bind(file) as (...given: any[]) => Promise<any>;
          file.read = async (...given: any[]) => {
            failOnce();
            return read(...given);
          };
        }
        return file;
      });
      const outcome = await failure(copy('in.ndjson', 'out.ndjson'));
      spy.mockRestore();
      if (isReached) {
        expect(outcome).toMatchObject({ code: 'WM_FILE_UNREADABLE', message: expect.stringContaining(text) });
        await copy('in.ndjson', 'out.ndjson');
      }
      expect(textOf('out.ndjson')).toBe(lines(1, 2, 3, 4, 5, 6));
    }
    expect(failsAt).toBeGreaterThan(3);
  });
});
