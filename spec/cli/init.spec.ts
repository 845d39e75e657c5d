import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Workspace } from './workspace.js';

// A project that it makes is built, run and tested in spec/package.
describe('watermill init', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());

  it('writes no file if a file is where a folder should be', () => {
    mkdirSync(path.join(workspace.folder, 'taken'));
    workspace.write('taken/src', '');
    const { exitCode, stderr } = workspace.run('init', 'taken');
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/taken\/src is a file, expected a folder/)]);
    expect(readdirSync(path.join(workspace.folder, 'taken'))).not.toContain('package.json');
  });
});
