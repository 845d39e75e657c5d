import path from 'node:path';
import { Project } from './project.js';
import { workspace } from './workspace.js';

describe('npx watermill init', () => {
  it('creates a project that installs, runs and passes its tests', () => {
    const tools = new Project([]);
    expect(tools.run('npm', ['install', '--no-audit', '--no-fund', workspace().tarball])).toMatchObject({ status: 0 });
    const project = Project.empty();
    const cli = path.join(tools.folder, 'node_modules/watermill/dist/cli/main.js');
    const made = project.node(cli, 'init', '--watermill', `file:${workspace().tarball}`);
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining('npm install && npm start && npm test') });
    expect(project.run('npm', ['install', '--no-audit', '--no-fund'])).toMatchObject({ status: 0 });
    const started = project.run('npm', ['start']);
    expect(started).toMatchObject({ status: 0, stdout: expect.stringContaining('wrote 3 Sale to out/sales.ndjson') });
    expect(project.run('npm', ['test'])).toMatchObject({ status: 0 });
    const explained = project.run('npm', ['run', 'explain']);
    expect(explained).toMatchObject({ status: 0, stdout: expect.stringContaining('edge 1: Order to Price') });
    const again = project.run('npx', ['watermill', 'init']);
    expect(again).toMatchObject({ status: 2, all: expect.stringContaining('has package.json, tsconfig.json') });
  });
});
