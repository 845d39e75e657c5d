import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const packages = Object.keys({
  [manifest.name]: '',
  ...manifest.dependencies,
  ...manifest.peerDependencies,
  ...manifest.devDependencies,
});
const continuousIntegration = readFileSync(path.join(root, '.ci/run'), 'utf8');

/** The commands of a block, without comments. */
export function commandsOf(code: string): string[] {
  return code
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split('&&'))
    .map((command) => command.trim().replace(/\s+/g, ' '))
    .filter((command) => command !== '');
}

/** A block that prepares a folder or runs this package's scripts is checked; `.ci/run` runs these scripts itself. */
export function isSetup(commands: readonly string[]): boolean {
  return commands.some((command) => /^(npm|npx|git clone|bash \.ci\/run)\b/.test(command));
}

/** Why a command of a setup block would not work; undefined when it would. */
export function problemOf(command: string): string | undefined {
  const [program, verb, ...rest] = command.split(' ');
  if (program === 'cd' || (program === 'git' && verb === 'clone')) return undefined;
  if (program === 'bash')
    return verb === '.ci/run' ? undefined : `${command}: not a command that a setup block may have`;
  if (program === 'npx') return missingTool(verb, rest);
  if (program !== 'npm') return `${command}: not a command that a setup block may have`;
  if (verb === 'install' || verb === 'i') return unknownPackage(rest);
  if (verb === 'ci') return ranByIntegration('npm ci');
  // The tests of the packed tarball run it.
  if (verb === 'pack' && rest.length === 0) return undefined;
  const script = verb === 'run' ? rest[0] : verb;
  if (script === undefined || !(script in manifest.scripts)) return `${command}: package.json has no such script`;
  return verb === 'run' ? undefined : ranByIntegration(command);
}

function ranByIntegration(command: string): string | undefined {
  return continuousIntegration.includes(command) ? undefined : `${command}: .ci/run does not run it`;
}

function unknownPackage(words: readonly string[]): string | undefined {
  const tarball = `${manifest.name}-${manifest.version}.tgz`;
  const names = words
    .filter((word) => !word.startsWith('-') && path.posix.basename(word) !== tarball)
    .map((word) => word.replace(/(.)@.*$/, '$1'));
  const unknown = names.filter((name) => !packages.includes(name));
  return unknown.length === 0 ? undefined : `${unknown.join(', ')}: not a package that package.json knows`;
}

function missingTool(tool: string | undefined, words: readonly string[]): string | undefined {
  if (tool === undefined || !existsSync(path.join(root, 'node_modules/.bin', tool)))
    return `npx ${tool}: not installed`;
  const missing = words.filter(
    (word) => word.includes('/') && !word.startsWith('-') && !existsSync(path.join(root, word)),
  );
  return missing.length === 0 ? undefined : `${missing.join(', ')}: not there`;
}

/** Runs a block with bash in a folder; gives what it printed, or throws with it. */
export function runShell(code: string, folder: string): string {
  const bin = path.join(root, 'node_modules/.bin');
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', code], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
  });
  if (status !== 0) throw new Error(`ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}
