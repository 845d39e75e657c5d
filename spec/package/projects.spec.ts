import { rmSync } from 'node:fs';
import path from 'node:path';
import { Project } from './project.js';

const expected = '0: 10000, 10: 30000\n';
const esm = { type: 'module' };
const tsc = 'typescript/bin/tsc';
const tsc5 = 'typescript-5/bin/tsc';

describe('a project in JavaScript', () => {
  it.each(['main.cjs', 'main.mjs'])('runs a mill without decorators and metadata: %s', (main) => {
    const { stdout, all } = new Project(['javascript']).withPackage().node(main);
    expect([stdout, all]).toEqual(['a+b\n', 'a+b\n']);
  });

  it('has one copy of everything if CommonJS and ESM are mixed', () => {
    expect(new Project(['javascript']).withPackage().node('both.mjs').all).toBe('one copy\n');
  });

  it('runs under node:test', () => {
    const { status, all } = new Project(['javascript', 'node-test']).withPackage().node('--test');
    expect(all).toContain('pass 2');
    expect(status).toBe(0);
  });

  it('can be bundled', () => {
    const project = new Project(['javascript']).withPackage();
    const options = ['--bundle', '--platform=node', '--outfile=bundle.cjs'];
    // `external`: otherwise the tools' bundler would find the optional peers next to itself.
    const bundled = project.tool(
      'esbuild/bin/esbuild',
      'bundled.mjs',
      ...options,
      '--external:tsyringe',
      '--external:class-transformer',
    );
    expect(bundled).toMatchObject({ status: 0 });
    expect(project.node('bundle.cjs').all).toBe('a+b\n');
  });
});

describe('a project in TypeScript', () => {
  it.each([
    ['TypeScript 7, CommonJS', tsc, {}],
    ['TypeScript 7, ESM', tsc, esm],
    ['TypeScript 5, CommonJS', tsc5, {}],
    ['TypeScript 5, ESM', tsc5, esm],
  ])('compiles, its libraries checked too, and runs: %s', (_, compiler, manifest) => {
    const project = new Project(['typescript'], manifest).withPackage();
    expect(project.tool(compiler, '-p', '.')).toMatchObject({ status: 0, stdout: '' });
    expect(project.node('out/main.js').all).toBe(expected);
  });

  it('finds the types with the oldest module resolution', () => {
    const project = new Project(['typescript']).withPackage();
    expect(project.tool(tsc5, '-p', 'tsconfig.node10.json')).toMatchObject({ status: 0, stdout: '' });
  });

  it.each([
    ['commonjs', {}],
    ['es6', esm],
  ])('runs when compiled by swc to %s', (module, manifest) => {
    const project = new Project(['typescript', 'swc'], manifest).withPackage();
    expect(project.node('compile.cjs', module)).toMatchObject({ status: 0, all: '' });
    expect(project.node('out/main.js').all).toBe(expected);
  });

  it('runs under jest', () => {
    const project = new Project(['typescript', 'swc', 'jest']).withPackage();
    const { status, all } = project.tool('jest/bin/jest.js');
    expect(all).toContain('3 passed');
    expect(status).toBe(0);
  });

  // The context of vmThreads has no Symbol.asyncDispose.
  it.each(['forks', 'vmThreads'])('runs under vitest, in %s', (pool) => {
    const project = new Project(['typescript', 'vitest'], esm).withPackage();
    const { status, all } = project.tool('vitest/vitest.mjs', 'run', '--pool', pool, '--testTimeout', '60000');
    expect(all).toContain('4 passed');
    expect(status).toBe(0);
  });
});

describe('a project under tsx, which emits no metadata', () => {
  const tsx = 'tsx/dist/cli.mjs';

  it('runs if types and tokens are named', () => {
    expect(new Project(['tsx']).withPackage().tool(tsx, 'named.ts').all).toBe('1: 20, 2: 10\n');
  });

  it('gets an error that a field needs its type, with the remedy', () => {
    const { status, all } = new Project(['typescript']).withPackage().tool(tsx, 'main.ts');
    expect(status).toBe(1);
    expect(all).toMatch(/WaterMillError.*RobotLocation\.time.*@Field\(\(\) => Number\)/);
  });

  it('gets an error that a method needs metadata, with the alternative', () => {
    const { status, all } = new Project(['tsx']).withPackage().tool(tsx, 'method-metadata.ts');
    expect(status).toBe(1);
    expect(all).toMatch(/WaterMillError.*Counter\.count.*no metadata.*inject/);
    expect(all).toContain('WM_METADATA');
  });

  it('gets an error that names the kind of decorators to enable', () => {
    const project = new Project(['tsx']).withPackage();
    rmSync(path.join(project.folder, 'tsconfig.json'));
    const { status, all } = project.tool(tsx, 'named.ts');
    expect(status).toBe(1);
    expect(all).toMatch(/WaterMillError.*experimentalDecorators/);
  });
});
