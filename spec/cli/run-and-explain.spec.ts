import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fixture, main, Workspace } from './workspace.js';

const at = (minute: number): string => new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString();

const workspaces: Workspace[] = [];
afterAll(() => {
  for (const workspace of workspaces) workspace.remove();
});

function made(): Workspace {
  const workspace = new Workspace();
  workspaces.push(workspace);
  return workspace;
}

function withFiles(wind = 5): Workspace {
  const workspace = made();
  workspace.lines('flights.ndjson', { id: 'a', departure: at(1) }, { id: 'b', departure: at(5) });
  workspace.write(
    'weather.json',
    JSON.stringify([
      { at: at(0), wind },
      { at: at(4), wind: 9 },
    ]),
  );
  return workspace;
}

describe('watermill run', () => {
  it.each(['mill.cjs', 'exported.mjs'])('runs the mill of %s and prints its report', (name) => {
    const workspace = withFiles();
    const { exitCode, stdout, stderr } = workspace.run('run', fixture(name));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ended with its master Flight after \d+ ms\n.*\nFlight \(flights\.ndjson\) +2 +2 /);
    expect(workspace.read('warnings.ndjson')).toBe('{"id":"a","wind":5}\n{"id":"b","wind":9}\n');
  });

  it('finds the mill that CommonJS exports by the name default', () => {
    const workspace = withFiles();
    workspace.write('by-name.cjs', `exports.default = require(${JSON.stringify(fixture('mill.cjs'))});`);
    expect(workspace.run('run', 'by-name.cjs')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('ends when the mill has, whatever resources its module has left open', () => {
    const workspace = withFiles();
    const text = `setInterval(() => {}, 1_000);\nmodule.exports = require(${JSON.stringify(fixture('mill.cjs'))});`;
    workspace.write('open.cjs', text);
    expect(workspace.run('run', 'open.cjs')).toMatchObject({ exitCode: 0, stderr: '' });
    workspace.write('weather.json', '[{}]');
    expect(workspace.run('run', 'open.cjs').exitCode).toBe(1);
  });

  it('prints the report as JSON', () => {
    const { exitCode, stdout } = withFiles().run('run', fixture('mill.cjs'), '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ended: 'master ended',
      calls: 2,
      emitted: [{ name: 'Warning', count: 2 }],
    });
  });

  it('fails with its mill, with exit code 1, and without a stack trace unless requested', () => {
    const workspace = withFiles(-1);
    const { exitCode, stdout, stderr } = workspace.run('run', fixture('mill.cjs'));
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^The mill has failed: The process function failed on Flight at position 0 .*a wind of -1.* \(WM_PROCESS_FAILED\)\n$/,
    );
    // With the place in the user's code.
    const trace = /\n {4}at (?:.|\n)*\nCaused by: Error: a wind of -1\n {4}at .*mill\.cjs:\d+/;
    expect(workspace.run('run', fixture('mill.cjs'), '--stack').stderr).toMatch(trace);
    const { error } = JSON.parse(workspace.run('run', fixture('mill.cjs'), '--stack', '--json').stderr);
    expect(error.stack).toMatch(trace);
    const { stderr: json } = workspace.run('run', fixture('mill.cjs'), '--json');
    expect(JSON.parse(json)).toMatchObject({ error: { code: 'WM_PROCESS_FAILED', details: { position: 0 } } });
  });

  it('serves HTTP while it runs', () => {
    const { exitCode, stderr } = withFiles().run('run', fixture('mill.cjs'), '--port', '0');
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/\/metrics, .* answer on port [1-9]\d*\n$/)]);
  });
});

describe('watermill run with a wrong address', () => {
  it.each([
    ['without a port', ['--host', '0.0.0.0'], '--host 0.0.0.0: nothing listens there without a port. Add --port 8080.'],
    [
      'of another machine',
      ['--port', '0', '--host', '192.0.2.1'],
      'The mill could not be started: The service cannot listen on 192.0.2.1, port 0',
    ],
  ])('%s does not begin, with exit code 2', (_, args, sentence) => {
    const workspace = withFiles();
    const { exitCode, stdout, stderr } = workspace.run('run', fixture('mill.cjs'), ...args);
    expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining(sentence)]);
    expect(readdirSync(workspace.folder)).not.toContain('warnings.ndjson');
  });
});

describe('a module without a mill', () => {
  const workspace = made();
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(workspace.folder, name), text);
    return name;
  };

  it.each([
    ['missing.js', undefined, 'There is no file missing.js.'],
    ['nothing.cjs', 'exports.other = 1', 'nothing.cjs exports { other: 1 } as default, expected a WaterMill'],
    ['void.mjs', 'export default () => {}', 'void.mjs exports a function that returns undefined as default'],
    ['class.mjs', 'export default class Mill {}', 'class.mjs exports the class Mill as default, expected a WaterMill'],
    ['fails.cjs', "module.exports = () => { throw 'not now' }", 'that fails.cjs exports as default failed: not now.'],
    ['throws.mjs', "throw new Error('not today')", 'throws.mjs failed while it was loaded: not today.'],
    ['broken.mjs', 'export default 1 +', 'loaded: Unexpected end of input. Run node broken.mjs: it prints the line.'],
    [
      'typed.ts',
      'enum A { B }\n@a class C {}',
      'Node cannot load TypeScript with decorators by itself. Compile it (npx tsc)',
    ],
  ])('%s is refused with exit code 2', (name, text, sentence) => {
    if (text !== undefined) file(name, text);
    const { exitCode, stderr } = workspace.run('explain', name);
    expect(stderr).toContain(sentence);
    expect(stderr).toMatch(/\(WM_COMMAND\)\n$/);
    expect(exitCode).toBe(2);
  });

  it.each([
    ['an unknown command', ['fly'], "unknown command 'fly'"],
    ['help for an unknown command', ['help', 'fly'], 'There is no command fly. It is one of init, run, explain, '],
    ['no command', [], 'A command is missing. It is one of init, run, explain, '],
    ['an unknown option', ['run', 'mill.js', '--fast'], "unknown option '--fast'"],
    ['a missing argument', ['explain'], "missing required argument 'mill.js'"],
    ['what is no port', ['run', 'mill.js', '--port', '70000'], '--port: expected a port, 0 to 65535, found "70000".'],
    ['half a problem', ['check', 'a.json', '--problems', '1.5'], '--problems: expected a whole number above 0'],
    ['a folder', ['explain', '.'], '. is a folder, expected a file.'],
    ['another format', ['explain', 'mill.js', '--format', 'pdf'], 'Allowed choices are text, mermaid, svg'],
  ])('%s is also refused with exit code 2', (_, args, text) => {
    const { exitCode, stderr } = workspace.run(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(text)]);
    const json = workspace.run(...args, '--json');
    expect([json.exitCode, JSON.parse(json.stderr).error]).toEqual([
      2,
      { code: 'WM_COMMAND', message: expect.stringContaining(text), details: expect.anything() },
    ]);
  });
});

describe('TypeScript with a loader', () => {
  /** It knows no types, as the modules have none. */
  const hooks =
    'export const load = (url, context, next) => next(url, url.endsWith(".ts") ? { ...context, format: "module" } : context);';
  const asUrl = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
  const loader = asUrl(`import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`);
  const explain = (workspace: Workspace) => workspace.runAfter(['--import', loader], 'explain', 'typed.ts').stderr;

  it.each([
    ['a file', './nowhere.js', /^typed\.ts failed while it was loaded: Cannot find module .*nowhere\.js/],
    ['a package', 'no-such-package', /^typed\.ts failed while it was loaded: Cannot find package 'no-such-package'/],
  ])('names %s that it imports and that is missing', (_, name, message) => {
    const workspace = made();
    workspace.write('typed.ts', `import '${name}';`);
    expect(explain(workspace)).toMatch(message);
  });

  it.each([
    ['by the names of their compiled files', './messages.js'],
    ['without an extension', './messages'],
  ])('is told to compile modules that it imports %s', (_, name) => {
    const workspace = made();
    workspace.write('typed.ts', `import '${name}';`);
    workspace.write('messages.ts', '');
    expect(explain(workspace)).toMatch(/^typed\.ts: Node cannot load TypeScript .* Compile it \(npx tsc\)/);
  });
});

describe('a module that ends the process', () => {
  it.each([
    ['while it is loaded', 'process.exit();'],
    ['in its function, with code 0', 'export default () => process.exit(0);'],
  ])('%s makes the command fail', (_, text) => {
    const workspace = withFiles();
    workspace.write('exits.mjs', text);
    const { exitCode, stdout, stderr } = workspace.run('explain', 'exits.mjs');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The command was not finished: something called process\.exit\(\)\. .* \(WM_COMMAND\)\n$/);
  });

  it('keeps the exit code of a failure', () => {
    const workspace = withFiles();
    workspace.write('exits.mjs', 'process.exit(7);');
    expect(workspace.run('explain', 'exits.mjs')).toMatchObject({ exitCode: 7, stdout: '', stderr: '' });
  });
});

describe('a promise that is never settled', () => {
  it.each([
    ['explain', 'await new Promise(() => {});', ['explain', 'never.mjs']],
    ['run', 'export default () => new Promise(() => {});', ['run', 'never.mjs']],
    ['check', 'await new Promise(() => {});', ['check', 'flights.ndjson', '--class', 'never.mjs#Flight']],
    [
      'replay',
      `import { processFunction, WaterMill } from ${JSON.stringify(path.resolve(main, '../../index.js'))};
      import messages from ${JSON.stringify(fixture('messages.cjs'))};
      const process = processFunction(messages.Flight, {}, () => new Promise(() => {}));
      export default (broker) => new WaterMill({ process, broker });`,
      ['replay', 'monday', 'never.mjs'],
    ],
  ])('fails %s, which Node would end as if it were done', (_, text, args) => {
    const workspace = withFiles();
    workspace.write('never.mjs', text);
    for (const folder of ['inputs', 'expected'])
      mkdirSync(path.join(workspace.folder, 'monday', folder), { recursive: true });
    workspace.write('monday/inputs/Flight.ndjson', workspace.read('flights.ndjson'));
    const { exitCode, stdout, stderr } = workspace.run(...args);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The command was not finished: it awaits a promise .* \(WM_COMMAND\)\n$/);
    const json = workspace.run(...args, '--json');
    expect([json.exitCode, JSON.parse(json.stderr).error.code]).toEqual([1, 'WM_COMMAND']);
  });
});

describe('a stdout that cannot be written', () => {
  it('fails a command, whose output is lost', () => {
    const sentence = 'stdout cannot be written: EFBIG: file too large, write. Check the path and the disk.';
    const { exitCode, stderr } = withFiles().runOnFullDisk('explain', fixture('mill.cjs'));
    expect([exitCode, stderr]).toEqual([1, `${sentence} (WM_OUTPUT_FAILED)\n`]);
    const { stderr: json } = withFiles().runOnFullDisk('explain', fixture('mill.cjs'), '--json');
    expect(JSON.parse(json)).toMatchObject({ error: { code: 'WM_OUTPUT_FAILED', message: sentence } });
  });
});

describe('watermill explain', () => {
  it('prints the plan as text, Mermaid, a picture and JSON', () => {
    const workspace = made();
    const explained = (...options: string[]): string =>
      workspace.run('explain', fixture('mill.cjs'), ...options).stdout;
    expect(explained()).toContain(
      'edge 1: Flight to Weather, inner: Weather.at is the last at or before Flight.departure',
    );
    expect(explained('--format', 'mermaid')).toMatch(/^flowchart LR\n/);
    expect(explained('--format', 'svg')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(JSON.parse(explained('--json'))).toMatchObject({ streams: [{ name: 'Flight' }, { name: 'Weather' }] });
    const { exitCode, stderr } = workspace.run('explain', fixture('mill.cjs'), '--format', 'svg', '--json');
    expect([exitCode, JSON.parse(stderr).error.message]).toEqual([
      2,
      '--json and --format svg are two forms of the output. Leave one of them out.',
    ]);
  });
});
