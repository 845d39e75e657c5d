import { fixture, Workspace } from './workspace.js';

const at = (minute: number): string => new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString();

describe.each(['mill.cjs', 'exported.mjs'])('watermill record and replay, with %s', (name) => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());
  const mill = fixture(name);

  it('record the inputs of a mill, and report whether another run has the same results', () => {
    workspace.lines('flights.ndjson', { id: 'a', departure: at(1) }, { id: 'b', departure: at(5) });
    workspace.write(
      'weather.json',
      JSON.stringify([
        { at: at(0), wind: 5 },
        { at: at(4), wind: 9 },
      ]),
    );
    const recorded = workspace.run('record', mill, 'monday');
    expect([recorded.exitCode, recorded.stderr]).toEqual([0, '']);
    expect(workspace.read('warnings.ndjson')).toContain('"wind":9');
    expect(workspace.read('monday/inputs/Flight.ndjson')).toBe(workspace.read('flights.ndjson'));

    // From here on only the fixture is read or written.
    for (const file of ['flights.ndjson', 'weather.json', 'warnings.ndjson']) workspace.write(file, 'gone');
    const unexpected = workspace.run('replay', 'monday', mill);
    expect([unexpected.exitCode, unexpected.stderr]).toEqual([2, expect.stringContaining('has no folder expected')]);
    const update = workspace.runIn({ WATERMILL_UPDATE: '1' }, 'replay', 'monday', mill);
    expect(update).toMatchObject({ exitCode: 0, stdout: 'The results are now what monday expects.\n' });
    expect(workspace.run('replay', 'monday', mill, '--update')).toMatchObject({ exitCode: 0 });
    expect(workspace.read('monday/expected/Warning.ndjson')).toBe('{"id":"a","wind":5}\n{"id":"b","wind":9}\n');
    const same = workspace.run('replay', 'monday', mill);
    expect(same).toMatchObject({ exitCode: 0, stdout: 'The results are as monday expects.\n' });
    workspace.lines('monday/expected/Warning.ndjson', { id: 'a', wind: 6 });
    const { exitCode, stdout } = workspace.run('replay', 'monday', mill);
    expect([exitCode, stdout]).toEqual([
      1,
      [
        '2 results are not as monday expects:',
        'Warning 0:',
        '  expected {"id":"a","wind":6}',
        '  found    {"id":"a","wind":5}',
        'Warning 1:',
        '  expected nothing',
        '  found    {"id":"b","wind":9}',
        `If they are right as they are now: watermill replay monday ${mill} --update`,
        '',
      ].join('\n'),
    ]);
    expect(JSON.parse(workspace.run('replay', 'monday', mill, '--json').stdout)).toHaveLength(2);
    expect(workspace.read('warnings.ndjson')).toBe('gone');
  });

  it('refuse a folder that has a recording, or does not exist', () => {
    const again = workspace.run('record', mill, 'monday');
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('monday has a recording already')]);
    const missing = workspace.run('replay', 'tuesday', mill);
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining('There is no folder tuesday')]);
    const file = workspace.run('replay', 'flights.ndjson', mill);
    expect([file.exitCode, file.stderr]).toEqual([2, expect.stringContaining('flights.ndjson is a file, expected a')]);
    const under = workspace.run('record', mill, 'flights.ndjson/monday');
    expect([under.exitCode, under.stderr]).toEqual([2, expect.stringContaining('cannot be made a folder')]);
  });

  it('report inputs that cannot be recorded, with exit code 1', () => {
    workspace.lines('flights.ndjson', { id: 'a', departure: at(1) });
    workspace.write(
      'taking.cjs',
      `const { mkdirSync, writeFileSync } = require('node:fs');
      mkdirSync('taken');
      writeFileSync('taken/inputs', 'no folder');
      module.exports = require(${JSON.stringify(fixture('mill.cjs'))});`,
    );
    workspace.write('weather.json', JSON.stringify([{ at: at(0), wind: 5 }]));
    workspace.write('warnings.ndjson', '');
    const { exitCode, stderr } = workspace.run('record', 'taking.cjs', 'taken');
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^flights.ndjson is not recorded: .*\nweather.json is /),
    ]);
    expect(workspace.read('warnings.ndjson')).toBe('{"id":"a","wind":5}\n');
  });
});
