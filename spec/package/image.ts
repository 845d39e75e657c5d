import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { copyOf, environmentOf, execForm, readDockerfile, type Stage } from '../support/dockerfile.js';

interface Built {
  /** The folder for `/` in the container. */
  readonly root: string;
  workdir: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * An image, built from a Dockerfile without Docker: its steps are replayed in folders, with the Node that runs the
 * tests. It supports the instructions in examples/kafka-service; another one is an error.
 */
export class Image {
  /** The folder of the program in the image. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];

  constructor(
    private readonly context: string,
    private readonly target: string,
  ) {
    const stages = readDockerfile(readFileSync(path.join(context, 'Dockerfile'), 'utf8'));
    const built = new Map<string, Built>();
    for (const [index, stage] of stages.entries()) built.set(stage.name ?? `${index}`, this.build(stage, index, built));
    const last = [...built.values()].at(-1) as Built;
    const wordsOf = (name: string) =>
      execForm(stages.at(-1)?.steps.find((step) => step.name === name)?.text ?? '') ?? [];
    this.folder = path.join(last.root, last.workdir);
    this.env = last.env;
    this.command = wordsOf('CMD');
    this.healthCheck = wordsOf('HEALTHCHECK');
  }

  private build(stage: Stage, index: number, built: ReadonlyMap<string, Built>): Built {
    const made: Built = { root: path.join(this.target, `${index}`), workdir: '/', env: environmentOf(stage) };
    for (const { name, text } of stage.steps) {
      if (name === 'WORKDIR') made.workdir = text;
      else if (name === 'COPY') this.copy(text, made, built);
      else if (name === 'RUN') run(text, made);
      else if (!['ENV', 'USER', 'EXPOSE', 'CMD', 'HEALTHCHECK'].includes(name))
        throw new Error(`${name} cannot be replayed`);
    }
    return made;
  }

  /** Copies only the files of the context that .dockerignore allows. */
  private copy(text: string, { root, workdir }: Built, built: ReadonlyMap<string, Built>): void {
    const { from, sources, to } = copyOf(text);
    const origin = from === undefined ? this.context : (built.get(from) as Built).root;
    const target = path.resolve('/', workdir, to);
    for (const source of sources.flatMap((pattern) => matching(origin, pattern))) {
      if (from === undefined && !this.allowed(source)) throw new Error(`.dockerignore keeps ${source} out`);
      const isFolder = statSync(path.join(origin, source)).isDirectory();
      const place = isFolder ? target : path.join(target, path.basename(source));
      mkdirSync(path.join(root, path.dirname(place)), { recursive: true });
      cpSync(path.join(origin, source), path.join(root, place), { recursive: true });
    }
  }

  private allowed(source: string): boolean {
    const lines = readFileSync(path.join(this.context, '.dockerignore'), 'utf8').split('\n');
    return lines.some((line) => line.startsWith('!') && patternOf(line.slice(1)).test(source));
  }
}

function matching(folder: string, pattern: string): string[] {
  if (!pattern.includes('*')) return [pattern];
  const found = readdirSync(folder).filter((name) => patternOf(pattern).test(name));
  if (found.length === 0) throw new Error(`nothing matches ${pattern}`);
  return found;
}

function patternOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
}

function run(command: string, { root, workdir, env }: Built): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    cwd: path.join(root, workdir),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, npm_config_prefer_offline: 'true', ...env },
  });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${status}\n${stdout}\n${stderr}`);
}
