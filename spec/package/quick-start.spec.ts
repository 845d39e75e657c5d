import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readBlocks } from '../docs/markdown-blocks.js';
import { fits } from '../docs/page.js';
import { Project } from './project.js';
import { workspace } from './workspace.js';

const readme = readFileSync(path.resolve(__dirname, '../../README.md'), 'utf8');
const section = /\n## Quick start\n[\s\S]*?(?=\n## )/.exec(readme)?.[0] ?? '';
const [program, commands, output] = readBlocks(section);
const file = /save this there as `([^`]+)`/.exec(section)?.[1];
const tarball = /(?:^|\s)\.\/(\S+\.tgz)/.exec(commands?.code ?? '')?.[1];

/** An empty folder with the tarball and the file, as in the README. */
function folderAsSaid(): Project {
  const project = Project.empty();
  copyFileSync(workspace().tarball, path.join(project.folder, `${tarball}`));
  writeFileSync(path.join(project.folder, `${file}`), program?.code ?? '');
  return project;
}

describe('the quick start of the README', () => {
  it('is a program, two commands, and their output', () => {
    expect([program?.language, commands?.language, output?.language]).toEqual(['ts', 'sh', 'text']);
    expect(commands?.code.trim().split('\n')).toHaveLength(2);
    expect(tarball).toBe(path.basename(workspace().tarball));
  });

  it.each([
    ['the newest TypeScript', 'typescript'],
    ['TypeScript 7', 'typescript@7.0.2'],
    ['TypeScript 5.9', 'typescript@5.9.3'],
  ])('can be pasted and runs in an empty folder with %s', (_, typescript) => {
    const project = folderAsSaid();
    const code = `${commands?.code}`.replace(/(?<= )typescript(?= )/, typescript);
    const { status, stdout, all } = project.run('bash', ['-euc', code]);
    expect({ status, all }).toMatchObject({ status: 0 });
    const printed = stdout.slice(stdout.indexOf('ended early'));
    expect([printed, fits(`${output?.code}`, printed)]).toEqual([printed, true]);
    expect(JSON.parse(project.read('speeds.json'))).toHaveLength(99);
  });
});
