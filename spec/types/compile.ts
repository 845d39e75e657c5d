import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An error of the compiler; `text` is its sentence with the lines that explain it. */
export interface CompilerError {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly text: string;
}

/** A mistake that a fixture announces: it stands between this line and the next announcement. */
export interface Mistake {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly code: string;
  readonly ours: boolean;
  readonly what: string;
}

export const fixtures = join(__dirname, 'fixtures');

/** Compiles the fixtures as a user's project and gives what the compiler says. */
export function compileFixtures(): CompilerError[] {
  const compiler = join(__dirname, '../../node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', fixtures, '--noEmit', '--pretty', 'false'], {
    cwd: fixtures,
    encoding: 'utf8',
  });
  if (run.error !== undefined) throw run.error;
  return errorsIn(run.stdout + run.stderr);
}

const errorLine = /^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/;

function errorsIn(output: string): CompilerError[] {
  const errors: CompilerError[] = [];
  for (const line of output.split('\n')) {
    const [, file, at, code, text] = errorLine.exec(line) ?? [];
    const last = errors.at(-1);
    if (file !== undefined) errors.push({ file, line: Number(at), code: code as string, text: text as string });
    else if (line.startsWith(' ') && last !== undefined)
      errors.push({ ...last, text: `${errors.pop()?.text}\n${line}` });
    else if (line.trim() !== '') throw new Error(`The compiler said something unexpected: ${line}`);
  }
  return errors;
}

const announcement = /^\s*\/\/ (TS\d+)( with our sentence)?: (.+)$/;

/** What the comments of the fixtures announce, in every file whose name ends in `.mistakes.ts`. */
export function announcedMistakes(): Mistake[] {
  return readdirSync(fixtures)
    .filter((file) => file.endsWith('.mistakes.ts'))
    .flatMap(mistakesIn);
}

function mistakesIn(file: string): Mistake[] {
  const lines = readFileSync(join(fixtures, file), 'utf8').split('\n');
  const starts = lines.flatMap((line, index) => (announcement.test(line) ? [index] : []));
  return starts.map((start, i) => {
    const [, code, ours, what] = announcement.exec(lines[start] as string) as string[];
    const to = (starts[i + 1] ?? lines.length) + 1;
    return { file, from: start + 1, to, code: code as string, ours: ours !== undefined, what: what as string };
  });
}
