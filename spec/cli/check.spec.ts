import { fixture, type Outcome, Workspace } from './workspace.js';

const flights = `${fixture('messages.cjs')}#Flight`;
const day = (date: number): string => `2030-01-${String(date).padStart(2, '0')}T00:00:00Z`;

describe('watermill check', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());
  const check = (file: string, ...options: string[]): Outcome => workspace.run('check', file, ...options);

  it('says that a file is valid and in order', () => {
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

  it('says which lines are bad or out of order, and the slack that would do', () => {
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
    expect(text).toContain('What helps: order: { slack: 172800000 }, or watermill sort bad.ndjson --by departure.');
  });

  it('needs no class: keys are as JSON has them, also inside of others and several', () => {
    workspace.write('array.json', JSON.stringify([{ at: { n: 1 }, s: 'b' }, { at: { n: 1 }, s: 'a' }, { at: {} }]));
    const { stdout } = check('array.json', '--key', 'at.n,s', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      bad: 1,
      outOfOrder: 1,
      problems: [/element 1/, /element 2/].map(expect.stringMatching),
    });
    expect(check('array.json', '--json').exitCode).toBe(0);
  });

  it.each([
    ['a missing file', ['none.json'], 'There is no file none.json.'],
    [
      'a field that the class has not',
      ['good.ndjson', '--class', flights, '--key', 'arrival'],
      'Flight has no field arrival. It has id, departure.',
    ],
    [
      'a class that is none',
      ['good.ndjson', '--class', `${fixture('messages.cjs')}#Plane`],
      'exports undefined as Plane, expected a class with @Message',
    ],
    ['a class without a module', ['good.ndjson', '--class', 'Flight'], 'expected a module and a class that it exports'],
  ])('refuses %s', (_, args, sentence) => {
    workspace.lines('good.ndjson');
    const { exitCode, stderr } = workspace.run('check', ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('fails for what is neither an array nor lines', () => {
    workspace.write('broken.json', '[{"a":1}, {"a":');
    const { exitCode, stderr } = check('broken.json');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('WM_FILE_BROKEN')]);
  });
});
