import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Project } from './project.js';
import { workspace } from './workspace.js';

const root = path.resolve(__dirname, '../..');

describe('the packed tarball', () => {
  it('contains the build, the pages and the sources of the examples, nothing else', () => {
    const folders = new Set(workspace().files.map((file) => (file.includes('/') ? file.split('/')[0] : file)));
    const pages = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'package.json'];
    expect([...folders].sort()).toEqual([...pages, 'dist', 'docs', 'examples'].sort());
    const built = workspace().files.filter((file) => file.startsWith('dist/'));
    const kinds = new Set(built.map((file) => /\.d\.m?ts$|\.[^.]+$/.exec(file)?.[0]));
    expect([...kinds].sort()).toEqual(['.d.mts', '.d.ts', '.js', '.json', '.mjs']);
    expect(workspace().files.filter((file) => /samples\/|node_modules/.test(file))).toEqual([]);
  });

  it('has no page with a broken link', () => {
    const files = new Set(workspace().files);
    const folders = new Set([...files].map((file) => path.posix.dirname(file)));
    const pages = [...files].filter((file) => file.endsWith('.md'));
    const dead = pages.flatMap((page) => {
      const links = [...readFileSync(path.join(root, page), 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)];
      const targets = links.map(([, link]) => `${link}`).filter((link) => !/^\w+:/.test(link));
      return targets
        .map((link) => path.posix.join(path.posix.dirname(page), link).replace(/\/$/, ''))
        .filter((target) => !files.has(target) && !folders.has(target))
        .map((target) => `${page} -> ${target}`);
    });
    expect(pages.length).toBeGreaterThan(10);
    expect(dead).toEqual([]);
  });

  it('has every file that package.json refers to', () => {
    const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const targets = JSON.stringify(exports).match(/\.\/[^"]+\.(?:m?js|d\.m?ts|json)"/g) ?? [];
    const missing = targets
      .map((target) => target.slice(2, -1))
      .filter((target) => !workspace().files.includes(target));
    expect(targets.length).toBeGreaterThan(4);
    expect(missing).toEqual([]);
  });

  it('passes publint', () => {
    const { status, all } = new Project(['javascript']).tool('publint/src/cli.js', workspace().tarball, '--strict');
    expect(all).toContain('All good!');
    expect(status).toBe(0);
  });

  it('passes attw: its types resolve in every mode', () => {
    const { status, all } = new Project([]).tool('@arethetypeswrong/cli/dist/index.js', workspace().tarball);
    expect(all).toContain('No problems found');
    expect(status).toBe(0);
  });

  it('installs into an empty project, peers included', () => {
    const project = new Project(['javascript']);
    const installed = project.run('npm', [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      workspace().tarball,
    ]);
    expect(installed).toMatchObject({ status: 0 });
    expect(project.run('npm', ['ls', '--depth', '1']).all).toMatch(
      /watermill@[\s\S]*reflect-metadata@[\s\S]*tsyringe@/,
    );
    expect(project.node('main.cjs').stdout).toBe('a+b\n');
  });
});
