import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
// Jest maps no module names for this file, so it can import only types from neighbouring files.
import type { Workspace } from './workspace.js';

const root = path.resolve(__dirname, '../..');
const tools = path.join(__dirname, 'tools');

/** Runs once, before the specs of the package: installs the tools if they are missing, and packs the package. */
export default function prepare(): void {
  const installed = installTools();
  const projects = mkdtempSync(path.join(installed, 'projects-'));
  const apart = mkdtempSync(path.join(tmpdir(), 'watermill-projects-'));
  process.on('exit', () => {
    for (const folder of [projects, apart]) rmSync(folder, { recursive: true, force: true });
  });
  const packed = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', projects], root);
  const [{ filename, files }] = JSON.parse(packed);
  const workspace: Workspace = {
    tools: path.join(installed, 'node_modules'),
    projects,
    apart,
    tarball: path.join(projects, filename),
    files: files.map((file: { path: string }) => file.path),
  };
  // Jest's workers inherit only the environment.
  process.env.WATERMILL_PACKAGE = JSON.stringify(workspace);
}

/**
 * Returns the folder with the tools of the lockfile, outside the repository. It is kept as long as the lockfile is
 * unchanged, and installed anew if something else was installed into it.
 */
function installTools(): string {
  const cache = process.env.WATERMILL_CACHE ?? path.join(homedir(), '.cache/watermill');
  const lockfile = readFileSync(path.join(tools, 'package-lock.json'));
  const node = process.versions.node.split('.')[0];
  const key = createHash('sha256').update(lockfile).update(`${process.platform} ${process.arch} ${node}`).digest('hex');
  const folder = path.join(cache, `package-matrix-${key.slice(0, 12)}`);
  const installed = path.join(folder, 'package-lock.json');
  if (existsSync(installed) && readFileSync(installed).equals(lockfile)) return folder;
  const unfinished = `${folder}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  cpSync(tools, unfinished, { recursive: true });
  cpSync(path.join(root, '.npmrc'), path.join(unfinished, '.npmrc'));
  npm(['ci', '--no-audit', '--no-fund'], unfinished);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return folder;
}

function npm(args: readonly string[], folder: string): string {
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed: ${error ?? ''}\n${stdout}\n${stderr}`);
  return stdout;
}
