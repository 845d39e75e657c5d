import { fixture, type Outcome, Workspace } from './workspace.js';

const at = (minute: number): string => new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString();

describe('watermill why', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());
  const why = (...args: string[]): Outcome => workspace.run('why', fixture('mill.cjs'), ...args);

  beforeAll(() => {
    workspace.lines('flights.ndjson', { id: 'a', departure: at(1) }, { id: 'b', departure: at(5) });
    workspace.write(
      'weather.json',
      JSON.stringify([
        { at: at(2), wind: 5 },
        { at: at(4), wind: 9 },
      ]),
    );
  });

  it('explains why an element has no result, and which call another one was part of', () => {
    const nothing = why('--class', 'Flight', '--at', '0');
    expect([nothing.exitCode, nothing.stderr]).toEqual([0, '']);
    expect(nothing.stdout).toMatch(/^Flight 0: No Weather matches it: /);
    expect(why('--class', 'Weather', '--at', '1').stdout).not.toBe(why('--class', 'Weather', '--at', '0').stdout);
    expect(JSON.parse(why('--class', 'Flight', '--at', '0', '--json').stdout)).toBeInstanceOf(Object);
  });

  it.each([
    [
      'a class that the mill does not read',
      ['--class', 'Plane', '--at', '0'],
      2,
      'the mill reads no such class. It reads Flight, Weather.',
    ],
    ['what is not a position', ['--class', 'Flight', '--at', 'b'], 2, '--at b: expected a position'],
    ['a position at which nothing is', ['--class', 'Flight', '--at', '7'], 1, '(WM_WHY)'],
    ['no position', ['--class', 'Flight'], 2, "required option '--at <position>' not specified"],
  ])('refuses %s', (_, args, code, sentence) => {
    const { exitCode, stderr } = why(...args);
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(sentence)]);
  });
});
