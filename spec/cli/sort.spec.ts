import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random } from '../support/random.js';
import { endRuns, Run } from '../support/run.js';
import { until } from '../support/virtual-clock.js';
import { fixture, main, type Outcome, Workspace } from './workspace.js';

interface Row {
  readonly k: number | string;
  readonly n: number;
}

const parsed = (text: string): Row[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Checks that rows are in the order of their keys, and in their original order for equal keys. */
function expectSorted(rows: readonly Row[], count: number): void {
  expect(rows).toHaveLength(count);
  const wrong = rows.findIndex((row, i) => {
    const before = rows[i - 1];
    return before !== undefined && (before.k > row.k || (before.k === row.k && before.n > row.n));
  });
  expect([wrong, rows[wrong]]).toEqual([-1, undefined]);
}

describe('watermill sort', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());
  afterEach(endRuns);
  const sort = (...args: string[]): Outcome => workspace.run('sort', ...args);
  const random = new Random(7);
  const rows = Array.from({ length: 4_000 }, (_, n): Row => ({ k: random.int(300), n }));

  it('sorts more than fits into memory, stably, and leaves no other files', () => {
    workspace.lines('many.ndjson', ...rows);
    const before = readdirSync(workspace.folder).length;
    // Runs of some ten elements each: more than are merged at once.
    const args = ['many.ndjson', '--by', 'k', '-o', 'sorted.ndjson', '--memory', '0.001', '--temporary', '.', '--json'];
    const { exitCode, stdout } = sort(...args);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { elements: 4_000 }]);
    expect(JSON.parse(stdout).runs).toBeGreaterThan(128);
    expectSorted(parsed(workspace.read('sorted.ndjson')), 4_000);
    expect(readdirSync(workspace.folder)).toHaveLength(before + 1);
    expect(workspace.run('check', 'sorted.ndjson', '--key', 'k').exitCode).toBe(0);
  });

  it('writes to stdout, or over the input file', () => {
    workspace.lines('some.ndjson', ...rows.slice(0, 100));
    expectSorted(parsed(sort('some.ndjson', '--by', 'k').stdout), 100);
    expectSorted(parsed(sort('some.ndjson', '--by', 'k', '-o', '-').stdout), 100);
    expect(sort('some.ndjson', '--by', 'k', '--output', 'some.ndjson').exitCode).toBe(0);
    expectSorted(parsed(workspace.read('some.ndjson')), 100);
  });

  it.each(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', 'out-link'])(
    'leaves a file that is its stdout to others who write there too: --output %s',
    (output) => {
      workspace.lines('two.ndjson', { k: 2, n: 0 }, { k: 1, n: 1 });
      symlinkSync('/dev/stdout', path.join(workspace.folder, 'out-link'));
      const log = path.join(workspace.folder, 'log.txt');
      const descriptor = openSync(log, 'w');
      writeSync(descriptor, 'before\n');
      const args = [main, 'sort', 'two.ndjson', '--by', 'k', '--output', output];
      const { status } = spawnSync(process.execPath, args, {
        cwd: workspace.folder,
        stdio: ['ignore', descriptor, 'inherit'],
      });
      writeSync(descriptor, 'after\n');
      closeSync(descriptor);
      rmSync(path.join(workspace.folder, 'out-link'));
      expect([status, workspace.read('log.txt')]).toEqual([0, 'before\n{"k":1,"n":1}\n{"k":2,"n":0}\nafter\n']);
    },
  );

  it('creates the target of a link if it does not exist', () => {
    workspace.lines('two.ndjson', { k: 2, n: 0 }, { k: 1, n: 1 });
    const link = path.join(workspace.folder, 'to-new.ndjson');
    symlinkSync('new.ndjson', link);
    expect(sort('two.ndjson', '--by', 'k', '-o', 'to-new.ndjson').exitCode).toBe(0);
    expectSorted(parsed(workspace.read('new.ndjson')), 2);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it('accepts the name that check has for the key', () => {
    workspace.lines('named.ndjson', { k: 2, n: 0 }, { k: 1, n: 1 });
    expect(sort('named.ndjson', '--key', 'k').stdout).toBe('{"k":1,"n":1}\n{"k":2,"n":0}\n');
  });

  it('keeps the permissions of the replaced file, and writes through a link', () => {
    workspace.lines('private.ndjson', { k: 2, n: 0 }, { k: 1, n: 1 });
    const [file, link] = ['private.ndjson', 'link.ndjson'].map((name) => path.join(workspace.folder, name)) as [
      string,
      string,
    ];
    chmodSync(file, 0o600);
    symlinkSync(file, link);
    expect(sort('link.ndjson', '--by', 'k', '-o', 'link.ndjson').exitCode).toBe(0);
    expectSorted(parsed(workspace.read('private.ndjson')), 2);
    expect([statSync(file).mode & 0o777, lstatSync(link).isSymbolicLink()]).toEqual([0o600, true]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves nothing behind at %s, and the output as it was', async (signal, code) => {
    workspace.write('kept.ndjson', 'as it was');
    const before = readdirSync(workspace.folder);
    const args = ['sort', '-', '--by', 'k', '-o', 'kept.ndjson', '--memory', '0.000001', '--temporary', '.'];
    const child = spawn(process.execPath, [main, ...args], { cwd: workspace.folder });
    const run = new Run(child);
    child.stdin.write('{"k":1}\n'.repeat(100));
    const isSorting = (): boolean => readdirSync(workspace.folder).some((name) => /^watermill-sort-/.test(name));
    await until(isSorting);
    child.kill(signal);
    expect(await run.ended).toBe(code);
    expect(readdirSync(workspace.folder)).toEqual(before);
    expect(workspace.read('kept.ndjson')).toBe('as it was');
  });

  it('ends silently if the reader of its output is gone', async () => {
    workspace.lines('many.ndjson', ...Array.from({ length: 50_000 }, (_, n) => ({ k: n, n })));
    const run = new Run(
      spawn('sh', ['-c', `"$0" "$1" sort many.ndjson --by k | head -n 1`, process.execPath, main], {
        cwd: workspace.folder,
      }),
    );
    expect([await run.ended, run.output]).toEqual([0, '{"k":0,"n":0}\n']);
  });

  it('reads arrays, also with several lines per element, and compressed files; the name of the output determines its format', () => {
    workspace.write('pretty.json', JSON.stringify(rows.slice(0, 50), undefined, 2));
    sort('pretty.json', '--by', 'k', '-o', 'sorted.json');
    expectSorted(JSON.parse(workspace.read('sorted.json')), 50);
    writeFileSync(path.join(workspace.folder, 'packed.json.gz'), gzipSync(JSON.stringify(rows.slice(0, 50))));
    sort('packed.json.gz', '--by', 'k', '-o', 'lines.ndjson');
    expectSorted(parsed(workspace.read('lines.ndjson')), 50);
    workspace.write('empty.json', '[]');
    expect(sort('empty.json', '--by', 'k').stdout).toBe('[]\n');
  });

  it.each([
    ['stdout', [], 'stdout'],
    ['the output', ['-o', 'out.ndjson'], 'out.ndjson'],
    ['a run', ['--memory', '0.000001', '--temporary', '.'], 'run-0'],
  ])('names the file if the disk is full: %s', (_, args, name) => {
    workspace.lines('two.ndjson', { k: 2 }, { k: 1 });
    const before = [...readdirSync(workspace.folder), 'out'];
    const { exitCode, stderr } = workspace.runOnFullDisk('sort', 'two.ndjson', '--by', 'k', ...args);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^\S+ cannot be written: EFBIG: .* \(WM_OUTPUT_FAILED\)\n$/),
    ]);
    expect(stderr.split(' ')[0]).toMatch(new RegExp(`${name}$`));
    expect(readdirSync(workspace.folder).sort()).toEqual([...new Set(before)].sort());
  });

  (process.platform === 'linux' ? it : it.skip)('names the folder for runs if none can be created there', () => {
    workspace.lines('two.ndjson', { k: 2 }, { k: 1 });
    // A path of 4,085 bytes: one of more than 4,095 is too long.
    const temporary = `${`${workspace.folder}${`/${'x'.repeat(200)}`.repeat(21)}`.slice(0, 4_084)}x`;
    mkdirSync(temporary, { recursive: true });
    const { exitCode, stdout, stderr } = sort('two.ndjson', '--by', 'k', '--memory', '1e-9', '--temporary', temporary);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/watermill-sort-.* \(WM_OUTPUT_FAILED\)\n$/);
  });

  it('keeps the format if no name asks for another', () => {
    workspace.lines('lines.txt', { k: 2 }, { k: 1 });
    const lines = '{"k":1}\n{"k":2}\n';
    expect(sort('lines.txt', '--by', 'k').stdout).toBe(lines);
    sort('lines.txt', '--by', 'k', '-o', 'sorted.txt');
    expect(workspace.read('sorted.txt')).toBe(lines);
    sort('lines.txt', '--by', 'k', '-o', 'sorted.json');
    expect(JSON.parse(workspace.read('sorted.json'))).toEqual([{ k: 1 }, { k: 2 }]);
    workspace.write('array.ndjson', '[{"k":2},{"k":1}]');
    expect(JSON.parse(sort('array.ndjson', '--by', 'k').stdout)).toEqual([{ k: 1 }, { k: 2 }]);
  });

  it('refuses integers that lost digits when they were parsed, which would seem equal, unless a class declares them', () => {
    workspace.write('ids.ndjson', '{"id":9007199254740993}\n{"id":9007199254740992}\n');
    const { exitCode, stdout, stderr } = sort('ids.ndjson', '--by', 'id');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('line 1: the key id is about 9007199254740992, which a number cannot represent exactly');
    expect(sort('ids.ndjson', '--by', 'day,id').stderr).toContain('which a number cannot represent exactly');
    workspace.lines('fractions.ndjson', { k: 9007199254740991 }, { k: -1.5e-300 }, { k: 0.1 });
    expect(parsed(sort('fractions.ndjson', '--by', 'k').stdout).map(({ k }) => k)).toEqual([
      -1.5e-300, 0.1, 9007199254740991,
    ]);
  });

  it('compares like the library: texts by code unit, several fields as a tuple, dates as dates', () => {
    const texts = ['b', 'ä', 'B', 'a\t', 'a', '😀', 'ﬀ'];
    workspace.lines('texts.ndjson', ...texts.map((k, n) => ({ k, n })));
    const args = ['--memory', '0.0001', '--temporary', '.'];
    const found = parsed(sort('texts.ndjson', '--by', 'k', ...args).stdout).map(({ k }) => k);
    expect(found).toEqual([...texts].sort());
    workspace.lines('pairs.ndjson', { a: 2, b: 'x' }, { a: 1, b: 'z' }, { a: 1, b: 'y' });
    expect(sort('pairs.ndjson', '--by', 'a,b', ...args).stdout).toBe(
      '{"a":1,"b":"y"}\n{"a":1,"b":"z"}\n{"a":2,"b":"x"}\n',
    );
    const flights = ['2030-01-01T12:00:00+05:00', '2030-01-01T11:00:00Z', '2030-01-01T08:00:00Z'];
    workspace.lines('flights.ndjson', ...flights.map((departure, i) => ({ id: `${i}`, departure })));
    const byDate = sort('flights.ndjson', '--by', 'departure', '--class', `${fixture('messages.cjs')}#Flight`, ...args);
    expect(byDate.stdout.match(/"id":"\d"/g)).toEqual(['"id":"0"', '"id":"2"', '"id":"1"']);
  });

  it('sorts rows stably, with any quoted contents, and keeps them, their header and their line ends unchanged', () => {
    const notes = ['', '"a, ""b"""', '"two\r\nlines\nand \\n"', "'\\'", 'ä\t😀', '"x"'];
    const all = Array.from({ length: 2_000 }, (_, n) => ({ k: random.int(100), row: `${notes[n % notes.length]},` }));
    const file = (rows: readonly string[]): string => `\ufeff"the\nnote",k\r\n${rows.join('\r\n')}\r\n`;
    workspace.write('rows.csv', file(all.map(({ k, row }) => row + k)));
    const sorted = [...all].sort((a, b) => a.k - b.k).map(({ k, row }) => row + k);
    const before = readdirSync(workspace.folder).length;
    const args = ['rows.csv', '--by', 'k', '-o', 'sorted.csv', '--memory', '0.001', '--temporary', '.', '--json'];
    const { exitCode, stdout } = sort(...args);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { elements: 2_000 }]);
    expect(JSON.parse(stdout).runs).toBeGreaterThan(128);
    expect(workspace.read('sorted.csv')).toBe(file(sorted));
    expect(readdirSync(workspace.folder)).toHaveLength(before + 1);
    expect(sort('rows.csv', '--by', 'k').stdout).toBe(file(sorted));
  });

  it('sorts rows by their class, also compressed ones; without it, numeric columns by number', () => {
    const flights = ['2030-01-01T12:00:00+05:00,0', '2030-01-01T11:00:00Z,1', '1893484800000,2'];
    const text = `departure,id\n${flights.join('\n')}`;
    writeFileSync(path.join(workspace.folder, 'flights.csv.gz'), gzipSync(text));
    const byDate = sort('flights.csv.gz', '--by', 'departure', '--class', `${fixture('messages.cjs')}#Flight`);
    expect(byDate.stdout).toBe(`departure,id\n${[flights[0], flights[2], flights[1]].join('\n')}\n`);
    workspace.lines('mixed.tsv', 'n\ts', '10\tb', '9\t10', '9\t9');
    expect(sort('mixed.tsv', '--by', 'n').stdout).toBe('n\ts\n9\t10\n9\t9\n10\tb\n');
    expect(sort('mixed.tsv', '--by', 'n,s').stdout).toBe('n\ts\n9\t10\n9\t9\n10\tb\n');
    workspace.write('named.txt', '2;b\n\n1;a');
    expect(sort('named.txt', '--by', 'n', '--header', 'n,s', '--delimiter', ';').stdout).toBe('1;a\n2;b\n');
    for (const nothing of ['', 'a,k', 'a,k\n']) {
      workspace.write('none.csv', nothing);
      expect(sort('none.csv', '--by', 'k').stdout).toBe(nothing && 'a,k\n');
    }
  });

  it.each([
    ['a missing file', ['none.ndjson', '--by', 'k'], 2, 'There is no file none.ndjson'],
    ['rows as JSON', ['rows.csv', '--by', 'k', '-o', 'out.json'], 2, 'sort keeps the format, and rows.csv is CSV.'],
    [
      'rows with other delimiters',
      ['rows.csv', '--by', 'k', '-o', 'out.tsv'],
      2,
      'sort keeps the format, and rows.csv is CSV.',
    ],
    ['JSON as rows', ['bad.ndjson', '--by', 'k', '-o', 'out.csv'], 2, 'sort keeps the format, and bad.ndjson is JSON.'],
    ['a column that is not there', ['rows.csv', '--by', 'n'], 2, 'rows.csv has no column n. Its columns are k.'],
    [
      'a value that is no key',
      ['large.csv', '--by', 'k'],
      1,
      'line 3: the key k is 9007199254740993, which a number cannot represent exactly',
    ],
    ['rows of a pipe without a class', ['-', '--by', 'k', '--header', 'k'], 2, '- can be read only once'],
    [
      'a row with too many values',
      ['wide.csv', '--by', 'k'],
      1,
      'wide.csv, line 3: column 1 (byte 4): expected 1 value (k), found 2. Fix it',
    ],
    ['no key', ['bad.ndjson'], 2, "required option '--by <fields>' not specified"],
    ['two keys', ['bad.ndjson', '--by', 'k', '--key', 'n'], 2, '--by k and --key n both name the key'],
    ['a compressed output', ['bad.ndjson', '--by', 'k', '-o', 'out.GZ'], 2, 'sort writes plain text'],
    ['an empty name', ['bad.ndjson', '--by', 'k', '-o', ''], 2, '--output was given an empty text.'],
    [
      'bytes that are not UTF-8',
      ['latin.ndjson', '--by', 'k'],
      1,
      'latin.ndjson, line 1: column 13 (byte 12): expected UTF-8',
    ],
    [
      'what is not JSON to others',
      ['space.ndjson', '--by', 'k'],
      1,
      'space.ndjson, line 1: column 8 (byte 7): expected the end',
    ],
    ['an element without the key', ['bad.ndjson', '--by', 'k'], 1, 'bad.ndjson, line 2: the key k is undefined'],
    [
      'keys of two types',
      ['mixed.ndjson', '--by', 'k'],
      1,
      'mixed.ndjson, line 2: the key is "1", which cannot be compared with 1',
    ],
    [
      'keys of two types, however little is held',
      ['mixed.ndjson', '--by', 'k', '--memory', '0.000001', '--temporary', '.'],
      1,
      'mixed.ndjson, line 2: the key is "1", which cannot be compared with 1. Fix it, or take it out; watermill check lists all such elements. (WM_BAD_MESSAGE)',
    ],
    ['a folder for runs that is not there', ['mixed.ndjson', '--by', 'k', '--temporary', 'none'], 2, 'no folder none'],
    ['an output in no folder', ['mixed.ndjson', '--by', 'k', '-o', 'none/out.ndjson'], 2, 'There is no folder none.'],
    ['a folder as output', ['mixed.ndjson', '--by', 'k', '-o', '.'], 2, '--output . is a folder'],
    ['a folder', ['.', '--by', 'k'], 2, '. is a folder, expected a file.'],
    ['an element of an array', ['mixed.json', '--by', 'k'], 1, 'mixed.json, element 1: the key is "1"'],
    [
      'columns without a name',
      ['rows.csv', '--by', 'k', '--header', 'k,'],
      2,
      '--header k,: expected the names of columns',
    ],
  ])('refuses %s, and writes nothing', (_, args, code, sentence) => {
    workspace.lines('rows.csv', 'k', '1');
    workspace.lines('large.csv', 'k', '1', '9007199254740993');
    workspace.lines('wide.csv', 'k', '1', '1,2');
    workspace.lines('bad.ndjson', { k: 1 }, { n: 2 });
    workspace.lines('mixed.ndjson', { k: 1 }, { k: '1' });
    workspace.write('space.ndjson', '{"k":2}\u00a0\n{"k":1}\n');
    writeFileSync(path.join(workspace.folder, 'latin.ndjson'), Buffer.from('{"k":2,"n":"\xfc"}\n{"k":1}\n', 'latin1'));
    workspace.write('mixed.json', '[{"k":1},\n\n{"k":"1"}]');
    const { exitCode, stdout, stderr } = sort(...args);
    expect([exitCode, stdout, stderr]).toEqual([code, '', expect.stringContaining(sentence)]);
  });
});
