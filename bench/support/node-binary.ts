import { execFileSync } from 'node:child_process';

/** The program of a Node version: this one, or one that the npm package `node` brings. */
export function nodeBinary(version: string | undefined): string {
  if (version === undefined) return process.execPath;
  const args = ['--yes', '--package', `node@${version}`, '--', 'node', '-p', 'process.execPath'];
  return execFileSync('npx', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
