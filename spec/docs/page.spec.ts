import { fits, outputOfSteps, readPage } from './page.js';
import { commandsOf, isSetup, problemOf } from './shell-block.js';

const fence = '```';

function page(...lines: string[]) {
  return readPage('page.md', lines.join('\n').replaceAll('~~~', fence));
}

describe('a page of the documentation', () => {
  it('has programs, with continued ones as one, at the lines of the page', () => {
    const { programs } = page('# Title', '~~~ts', 'const a = 1;', '~~~', 'and', '~~~ts continued', 'a + 1;', '~~~');
    expect(programs.map(({ name }) => name)).toEqual(['line-2']);
    const lines = programs[0]?.source.split('\n') ?? [];
    expect(lines[2]).toBe('const a = 1;');
    expect(lines[6]).toBe('a + 1;');
  });

  it('starts a new program at every other ts block', () => {
    expect(page('~~~ts', '1;', '~~~', '~~~ts', '2;', '~~~').programs).toHaveLength(2);
    expect(() => page('~~~ts continued', '1;', '~~~')).toThrow('page.md:1');
    expect(() => page('~~~ts ignored', '1;', '~~~')).toThrow('"ignored"');
    expect(() => page('~~~ts', '1;')).toThrow('line 1');
  });

  it('writes blocks that are files, without running them', () => {
    const { files, programs } = page('~~~json file=in/a.json', '[]', '~~~', '~~~ts file=b.ts', 'export {};', '~~~');
    expect(files.map(({ path, content }) => [path, content.trim()])).toEqual([
      ['in/a.json', '[]'],
      ['b.ts', 'export {};'],
    ]);
    expect(programs).toEqual([]);
  });

  it('uses the text block after a step as its output', () => {
    const { programs, shells } = page('~~~ts', '1;', '~~~', 'prints', '~~~text', 'one', '~~~', '~~~sh', 'ls', '~~~');
    expect(programs[0]?.steps[0]?.expected).toBe('one\n');
    expect(shells[0]?.expected).toBeUndefined();
  });

  it('splits the output at the steps', () => {
    expect(outputOfSteps('\u001e\na\nb\n\u001e\nc\n')).toEqual(['a\nb\n', 'c\n']);
  });

  it('compares output line by line', () => {
    expect(fits('a\nb\n', 'a \nb')).toBe(true);
    expect(fits('a\nb\n', 'a\nc\n')).toBe(false);
    expect(fits('a\n', 'a\nb\n')).toBe(false);
    expect(fits('a.b\n', 'axb\n')).toBe(false);
    expect(fits('a\n…\nz\n', 'a\nb\nc\nz\n')).toBe(true);
    expect(fits('a\n…\nz\n', 'a\nz\n')).toBe(true);
    expect(fits('a\n…\nz\n', 'a\nb\n')).toBe(false);
    expect(fits('after … ms\n', 'after 12 ms\n')).toBe(true);
    expect(fits('after … ms\n', 'after 12\nms\n')).toBe(false);
  });
});

describe('a shell block', () => {
  it('contains commands without comments', () => {
    expect(commandsOf('# first\nnpm ci && npm start   # and\n\nls \\\n  -l\n')).toEqual([
      'npm ci',
      'npm start',
      'ls -l',
    ]);
  });

  it('is a setup block when it runs npm', () => {
    expect(isSetup(['cat a'])).toBe(false);
    expect(isSetup(['cd a', 'npm ci'])).toBe(true);
  });

  it.each([
    'npm ci',
    'npm start',
    'npm test',
    'npm run lint',
    'npm run bench -- files',
    'npm install watermill tsyringe@4 reflect-metadata',
    'npm i -D @swc/core@1',
    'npm pack',
    'npm pack --pack-destination ../elsewhere',
    'mkdir elsewhere',
    'KAFKA_BROKERS=localhost:9092 npm run lint',
    'curl http://localhost:8080/healthz',
    'npm install ../watermill/watermill-0.1.0.tgz tsyringe',
    'npx jest spec/docs',
    'bash .ci/run',
    'git clone https://example.com/a',
    'cd watermill',
  ])('may have %s', (command) => {
    expect(problemOf(command)).toBeUndefined();
  });

  it.each([
    'npm run nothing',
    'npm nothing',
    'npm install left-pad-2',
    'npm install ../watermill/watermill-0.0.9.tgz',
    'npm pack elsewhere',
    'npx nothing',
    'npx jest spec/nothing',
    'rm -rf /',
    'docker compose up',
    'docker run node',
    'curl https://example.com',
    'npm version',
  ])('must not have %s', (command) => {
    expect(problemOf(command)).toContain(':');
  });

  it.each([
    ['npm run produce', 'npm run consume'],
    ['HEALTH_PORT=0 node dist/main.js', 'node dist/produce.js'],
    ['docker compose up --build --detach', 'docker compose build'],
    ['docker compose logs --tail 3 mill', 'docker compose logs wheel'],
    ['docker compose up --scale mill=2', 'docker compose up --scale wheel=2'],
    ['docker compose exec kafka ls -l topic', 'docker compose exec zookeeper ls'],
  ])('may have %s if the page shows the prerequisites, not %s', (right, wrong) => {
    const shown = { scripts: ['produce'], services: ['kafka', 'mill'], files: ['src/main.ts'] };
    expect(problemOf(right, shown)).toBeUndefined();
    expect(problemOf(wrong, shown)).toContain(':');
  });
});
