import { cpSync } from 'node:fs';
import path from 'node:path';
import { Project } from './project.js';

const root = path.resolve(__dirname, '../..');

interface Bundling {
  readonly name: string;
  readonly bundle: (project: Project, entry: string) => string;
}

const esbuild = (format: 'esm' | 'cjs', ...more: string[]): Bundling => ({
  name: `esbuild, ${[format, ...more].join(' ')}`,
  bundle: (project, entry) => {
    const file = `esbuild.${format === 'esm' ? 'mjs' : 'cjs'}`;
    const options = ['--bundle', '--platform=node', '--log-level=warning', `--format=${format}`, `--outfile=${file}`];
    expect(project.tool('esbuild/bin/esbuild', entry, ...options, ...more)).toMatchObject({ status: 0, all: '' });
    return file;
  },
});

const rollup = (format: 'es' | 'cjs'): Bundling => ({
  name: `rollup, ${format}`,
  bundle: (project, entry) => {
    const file = `rollup.${format === 'es' ? 'mjs' : 'cjs'}`;
    const plugins = ['node-resolve', 'commonjs'].flatMap((name) => ['-p', `@rollup/plugin-${name}`]);
    // As docs/guide.md says: otherwise the decorators of the program and the codec would come from two copies.
    const options = ['--silent', '-f', format, '-o', file, '--external', 'class-transformer', ...plugins];
    expect(project.tool('rollup/dist/bin/rollup', entry, ...options)).toMatchObject({ status: 0, all: '' });
    return file;
  },
});

const webpack = (file: string): Bundling => ({
  name: `webpack, ${file}`,
  bundle: (project, entry) => {
    expect(project.node('webpack.cjs', entry, file)).toMatchObject({ status: 0 });
    return file;
  },
});

const vite: Bundling = {
  name: 'vite, for a server',
  bundle: (project, entry) => {
    expect(project.tool('vite/bin/vite.js', 'build', '--ssr', entry, '--logLevel', 'error')).toMatchObject({
      status: 0,
    });
    return `dist/${path.basename(entry, '.mjs')}.mjs`;
  },
};

describe.each([
  esbuild('esm'),
  esbuild('cjs'),
  esbuild('esm', '--minify'),
  rollup('es'),
  rollup('cjs'),
  webpack('webpack.mjs'),
  webpack('webpack.cjs.cjs'),
  vite,
])('a bundle by $name', ({ bundle }) => {
  it('runs with all peers: one container, the codec, a Kafka broker', () => {
    const project = new Project(['bundled']).withPackage();
    for (const peer of ['class-transformer', 'kafkajs']) copyPeer(project, peer);
    expect(project.node(bundle(project, 'main.mjs')).all).toBe('ab! 3\n');
  });

  it('has one copy of the modules that several entries share', () => {
    const project = new Project(['bundled']).withPackage();
    expect(project.node(bundle(project, 'other-entries.mjs')).all).toBe('batch true\n');
  });

  it('runs without the optional peers, and names a missing one on use', () => {
    const project = new Project(['bundled']).withPackage();
    expect(project.node(bundle(project, 'without-peers.mjs')).all).toBe('plain\nWM_CLASS_TRANSFORMER_MISSING\n');
  });
});

describe('a bundle', () => {
  it('leaves out unused modules', () => {
    const project = new Project(['bundled']).withPackage();
    const [all, part] = ['without-peers.mjs', 'field-only.mjs'].map((entry) => {
      const options = ['--bundle', '--minify', '--platform=node', '--format=esm', '--external:tsyringe'];
      return project.tool('esbuild/bin/esbuild', entry, ...options).stdout.length;
    }) as [number, number];
    expect(part).toBeLessThan(all / 3);
  });

  it('runs without the packages that it was made of', () => {
    const project = new Project(['bundled']).withPackage();
    const file = esbuild('esm').bundle(project, 'without-peers.mjs');
    project.remove('node_modules');
    expect(project.node(file).stdout).toContain('plain');
  });
});

function copyPeer({ folder }: Project, name: string): void {
  cpSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name), { recursive: true });
}
