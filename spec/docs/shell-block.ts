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

/** The project that the files on a page create. */
export interface ShownProject {
  /** The scripts of its `package.json`. */
  readonly scripts: readonly string[];
  /** The services of its `compose.yaml`. */
  readonly services: readonly string[];
  /** The paths of all its files. */
  readonly files: readonly string[];
}

const nothingShown: ShownProject = { scripts: [], services: [], files: [] };

/**
 * Returns whether a block prepares a folder or runs this package's scripts. It is only checked; `.ci/run` runs these
 * scripts itself.
 */
export function isSetup(commands: readonly string[]): boolean {
  return commands.some((command) =>
    /^(\w+=\S+ )*(npm|npx|git clone|docker|node dist\/|bash \.ci\/run)\b/.test(command),
  );
}

/** Returns the reason why a command of a setup block would not work; undefined if it would. */
export function problemOf(command: string, shown = nothingShown): string | undefined {
  const [program, verb, ...rest] = command.replace(/^(\w+=\S+ )+/, '').split(' ');
  if (program === 'cd' || program === 'mkdir' || (program === 'git' && verb === 'clone')) return undefined;
  if (program === 'node') {
    const source = `${verb}`.replace(/^dist\/(.*)\.js$/, 'src/$1.ts').replace(/\.mjs$/, '.mts');
    return shown.files.includes(source) ? undefined : `${command}: the page shows no ${source}`;
  }
  if (program === 'docker') return wrongCompose(verb, rest, shown);
  if (program === 'curl') {
    return /^http:\/\/localhost:\d+\/(healthz|readyz)$/.test(`${verb}`) ? undefined : `${command}: not a probe`;
  }
  if (program === 'bash')
    return verb === '.ci/run' ? undefined : `${command}: not a command that a setup block may have`;
  if (program === 'npx') return missingTool(verb, rest);
  if (program !== 'npm') return `${command}: not a command that a setup block may have`;
  if (verb === 'install' || verb === 'i') return unknownPackage(rest);
  if (verb === 'ci') return ranByIntegration('npm ci');
  // The tests of the packed tarball run it.
  if (verb === 'pack' && (rest.length === 0 || rest[0] === '--pack-destination')) return undefined;
  const script = verb === 'run' ? rest[0] : verb;
  if (shown.scripts.includes(`${script}`)) return undefined;
  if (script === undefined || !(script in manifest.scripts)) return `${command}: package.json has no such script`;
  return verb === 'run' ? undefined : ranByIntegration(command);
}

/** Docker may be missing: this checks that compose has the command, and the page the services. */
function wrongCompose(
  verb: string | undefined,
  words: readonly string[],
  { services }: ShownProject,
): string | undefined {
  if (verb !== 'compose') return `docker ${verb}: not a command that a setup block may have`;
  const [command, ...rest] = words;
  if (!['up', 'ps', 'logs', 'exec', 'down'].includes(`${command}`)) return `docker compose ${command}: not known`;
  const scaled = rest.flatMap((word) => /^(\w+)=\d+$/.exec(word)?.[1] ?? []);
  const named = command === 'exec' ? rest.slice(0, 1) : rest.filter((word) => /^[a-z]+$/.test(word));
  const missing = [...scaled, ...named].filter((service) => !services.includes(service));
  if (services.length === 0) return `docker compose ${command}: the page shows no compose.yaml`;
  return missing.length === 0 ? undefined : `${missing.join(', ')}: not a service of compose.yaml`;
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
  const isOurs = tool !== undefined && tool in manifest.bin;
  if (!isOurs && (tool === undefined || !existsSync(path.join(root, 'node_modules/.bin', tool))))
    return `npx ${tool}: not installed`;
  const missing = words.filter(
    (word) => word.includes('/') && !word.startsWith('-') && !existsSync(path.join(root, word)),
  );
  return missing.length === 0 ? undefined : `${missing.join(', ')}: not there`;
}

/** Runs a block with bash in a folder. Returns its output, or throws with it. */
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
