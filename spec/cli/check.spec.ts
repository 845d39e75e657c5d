import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { fixture, type Outcome, Workspace } from './workspace.js';

const flights = `${fixture('messages.cjs')}#Flight`;
const day = (date: number): string => `2030-01-${String(date).padStart(2, '0')}T00:00:00Z`;

describe('watermill check', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());
  const check = (file: string, ...options: string[]): Outcome => workspace.run('check', file, ...options);

  it('reports that a file is valid and in order', () => {
    workspace.lines(
      'good.ndjson',
      { id: 'a', departure: day(1) },
      { id: 'b', departure: day(1) },
      { id: 'c', departure: day(2) },
    );
    const { exitCode, stdout } = check('good.ndjson', '--class', flights, '--key', 'departure');
    expect([exitCode, stdout]).toEqual([
      0,
      'good.ndjson: 3 elements, departure from 2030-01-01T00:00:00.000Z to 2030-01-02T00:00:00.000Z\nAll are valid.\nThey are in the order of departure.\n',
    ]);
  });

  it('reports bad lines and lines out of order, and the necessary slack', () => {
    workspace.lines('bad.ndjson', { id: 'a', departure: day(3) }, { id: 'b', departure: day(1) }, '', '{"id"', {
      id: 5,
      departure: day(4),
    });
    const { exitCode, stdout } = check('bad.ndjson', '--class', flights, '--key', 'departure', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      elements: 4,
      bad: 2,
      outOfOrder: 1,
      slack: 2 * 86_400_000,
      problems: [
        expect.stringMatching(/^line 2: the key is .*01T00.* after .*03T00/),
        expect.stringMatching(/^line 4: /),
        expect.stringMatching(/^line 5: field id must be a string/),
      ],
    });
    const { stdout: text } = check('bad.ndjson', '--class', flights, '--key', 'departure', '--problems', '1');
    expect(text).toContain('… and 2 more');
    const sort = `watermill sort bad.ndjson --by departure --class ${flights}`;
    expect(text).toContain(`What helps, once all can be read: order: { slack: 172800000 }, or ${sort}.`);
  });

  it('needs no class: keys are as in JSON, including nested and several ones', () => {
    workspace.write('array.json', JSON.stringify([{ at: { n: 1 }, s: 'b' }, { at: { n: 1 }, s: 'a' }, { at: {} }]));
    const { stdout } = check('array.json', '--key', 'at.n,s', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      bad: 1,
      outOfOrder: 1,
      problems: [/element 1/, /element 2/].map(expect.stringMatching),
    });
    expect(check('array.json', '--json').exitCode).toBe(0);
  });

  it('accepts the name that sort has for the key', () => {
    workspace.lines('named.ndjson', { k: 2 }, { k: 1 });
    const { exitCode, stdout } = check('named.ndjson', '--by', 'k');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('watermill sort named.ndjson --by k.')]);
    const both = check('named.ndjson', '--by', 'k', '--key', 'n');
    expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('--by k and --key n both name the key')]);
  });

  it('reports what to install for CSV, with the exit code of a command that did not start', () => {
    workspace.write('rows.csv', 'k\n1\n');
    workspace.write(
      'none.cjs',
      `const M = require('node:module'); const load = M._load;
       M._load = (name, ...rest) => { if (name === 'papaparse') throw new Error('not installed'); return load(name, ...rest); };`,
    );
    for (const command of [
      ['check', 'rows.csv', '--key', 'k'],
      ['sort', 'rows.csv', '--by', 'k'],
    ]) {
      const { exitCode, stderr } = workspace.runAfter(['--require', './none.cjs'], ...command);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Run npm install papaparse.')]);
    }
  });

  it('names line and column of rows, which are converted by the class', () => {
    const rows = [
      'departure,note,id',
      `${day(3)},"two`,
      'lines",a',
      `${day(1)},,b`,
      'soon,,c',
      `${day(4)},d`,
      `${day(4)},"e" e,e`,
    ];
    workspace.write('flights.csv', `${rows.join('\r\n')}\r\n`);
    const { exitCode, stdout } = check('flights.csv', '--class', flights, '--key', 'departure', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      elements: 5,
      bad: 3,
      outOfOrder: 1,
      slack: 2 * 86_400_000,
      problems: [
        expect.stringMatching(/^line 4, column departure: the key is .*01T00.* after .*03T00/),
        expect.stringMatching(/^line 5: field departure must be a Date/),
        expect.stringMatching(/^line 6: column 1 \(byte \d+\): expected 3 values \(departure, note, id\), found 2/),
        expect.stringMatching(/^line 7: column 26 \(byte \d+\): expected ',' or the end of the row/),
      ],
    });
  });

  it('treats a column as numeric if its first value is a number, otherwise as text', () => {
    workspace.lines('rows.tsv', 'n\ts\tm', '9\tx10\t1', '10\tx9\t', ' 1e1\t9\t3');
    const outOfOrder = (...options: string[]): unknown =>
      JSON.parse(check('rows.tsv', '--json', ...options).stdout).outOfOrder;
    expect(outOfOrder('--key', 'n')).toBe(0);
    expect(outOfOrder('--key', 's')).toBe(1);
    expect(outOfOrder('--key', 'n,s')).toBe(1);
    const { stdout } = check('rows.tsv', '--key', 'm');
    expect(stdout).toContain('line 3: the key m is empty: only a class, --class, can define what that means');
  });

  it('does not treat a numeric column as text because of one value', () => {
    workspace.lines('rows.csv', 'k', '9', '10', 'n/a', '12');
    const refused =
      'line 4: the key k is "n/a", where the first one is a number: if the keys are texts, declare that by a class, --class';
    const { exitCode, stdout } = check('rows.csv', '--key', 'k');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(refused)]);
    expect(stdout).toContain('They are in the order of k.');
    const sorted = workspace.run('sort', 'rows.csv', '--by', 'k');
    expect([sorted.exitCode, sorted.stdout]).toEqual([1, '']);
    expect(sorted.stderr).toContain('rows.csv, line 4: the key k is "n/a"');
  });

  it('reads rows whose columns an option names, with another delimiter', () => {
    workspace.write('plain.txt', '2;b\n1;a\n');
    const options = ['--header', 'n, s', '--delimiter', ';', '--key', 'n'];
    const { stdout } = check('plain.txt', ...options, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      elements: 2,
      slack: 1,
      problems: [expect.stringMatching(/^line 2, column n: /)],
    });
    // As in a shell, with everything that sort needs.
    const sort = "watermill sort plain.txt --by n --delimiter ';' --header 'n, s'";
    expect(check('plain.txt', ...options).stdout).toContain(
      `1 is out of order. What helps: order: { slack: 1 }, or ${sort}.`,
    );
  });

  it('quotes names with special characters in the suggested command', () => {
    workspace.lines("Ann's rows.ndjson", { k: 2 }, { k: 1 });
    expect(check("Ann's rows.ndjson", '--key', 'k').stdout).toContain("watermill sort 'Ann'\\''s rows.ndjson' --by k.");
    workspace.lines('#1.ndjson', { k: 2 }, { k: 1 });
    expect(check('#1.ndjson', '--key', 'k').stdout).toContain("watermill sort '#1.ndjson' --by k.");
  });

  it('names a damaged input by its path', () => {
    writeFileSync(path.join(workspace.folder, 'cut.ndjson.gz'), gzipSync('{"k":1}\n{"k":2}\n').subarray(0, -6));
    const { exitCode, stderr } = workspace.run('check', 'cut.ndjson.gz');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^The file of Elements is damaged: .*cut\.ndjson\.gz cannot be decompressed after element 2 /,
    );
  });

  it.each([
    ['a column that is not there', ['rows.csv', '--key', 'x'], 2, 'rows.csv has no column x. Its columns are k, k, n.'],
    ['a column that is there twice', ['rows.csv', '--key', 'k'], 2, 'rows.csv has 2 columns k.'],
    [
      'columns that are not those of the class',
      ['rows.csv', '--class', flights],
      1,
      'The columns of rows.csv do not fit Flight',
    ],
    [
      'two characters as delimiter',
      ['rows.csv', '--delimiter', ';;'],
      2,
      'The option \'delimiter\' of csv() is wrong: expected one ASCII character, not a double quote or a line end, found ";;".',
    ],
    ['a column named twice', ['rows.csv', '--header', 'a,a'], 2, "The option 'header' of csv() is wrong: expected"],
  ])('refuses %s for rows', (_, args, code, sentence) => {
    workspace.lines('rows.csv', 'k,k,n', '1,2,3');
    const { exitCode, stderr } = workspace.run('check', ...args);
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(sentence)]);
  });

  it.each([
    ['a missing file', ['none.json'], 'There is no file none.json.'],
    ['an empty name', [''], '<file> was given an empty text. Is a variable of the shell not set?'],
    ['an empty key', ['good.ndjson', '--key', ''], '--key was given an empty text.'],
    [
      'a field that the class has not',
      ['good.ndjson', '--class', flights, '--key', 'arrival'],
      'Flight has no field arrival. It has id, departure.',
    ],
    [
      'a class that is none',
      ['good.ndjson', '--class', `${fixture('messages.cjs')}#Plane`],
      'exports nothing as Plane, expected a class with @Message',
    ],
    ['a class without a module', ['good.ndjson', '--class', 'Flight'], 'expected a module and a class that it exports'],
  ])('refuses %s', (_, args, sentence) => {
    workspace.lines('good.ndjson');
    const { exitCode, stderr } = workspace.run('check', ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('fails for a file that is neither an array nor lines', () => {
    workspace.write('broken.json', '[{"a":1}, {"a":');
    const { exitCode, stderr } = check('broken.json');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('WM_FILE_BROKEN')]);
  });
});
