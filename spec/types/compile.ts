import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An error of the compiler; `text` is its message with the explaining lines. */
export interface CompilerError {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly text: string;
}

/** A mistake that a fixture announces: it is between this line and the next announcement. */
export interface Mistake {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  /** The codes of the compiler; several if its versions differ. */
  readonly codes: readonly string[];
  /** The messages of the library. */
  readonly sentences: readonly string[];
  readonly what: string;
}

export const fixtures = join(__dirname, 'fixtures');

const ownCompiler = join(__dirname, '../../node_modules/typescript/bin/tsc');

/** Compiles the fixtures as a user's project and returns the errors. */
export function compileFixtures(compiler = ownCompiler, folder = fixtures): CompilerError[] {
  const run = spawnSync(process.execPath, [compiler, '-p', folder, '--noEmit', '--pretty', 'false'], {
    cwd: folder,
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

const announcement = /^\s*\/\/ (TS\d+(?:\|TS\d+)*)(?: with (".+?"(?: and ".+?")*))?: (.+)$/;

/** Returns the announced mistakes in every file whose name ends in `.mistakes.ts`. */
export function announcedMistakes(): Mistake[] {
  return readdirSync(fixtures)
    .filter((file) => file.endsWith('.mistakes.ts'))
    .flatMap(mistakesIn);
}

function mistakesIn(file: string): Mistake[] {
  const lines = readFileSync(join(fixtures, file), 'utf8').split('\n');
  const starts = lines.flatMap((line, index) => (announcement.test(line) ? [index] : []));
  return starts.map((start, i) => {
    const [, codes, ours, what] = announcement.exec(lines[start] as string) as string[];
    const sentences = [...(ours ?? '').matchAll(/"(.+?)"/g)].map(([, sentence]) => `${sentence}`);
    const to = (starts[i + 1] ?? lines.length) + 1;
    return { file, from: start + 1, to, codes: `${codes}`.split('|'), sentences, what: what as string };
  });
}

/** Returns whether an error is at the place of a mistake. */
export function within({ file, from, to }: Mistake, error: CompilerError): boolean {
  return error.file === file && error.line > from && error.line < to;
}

/** Describes how the errors at the place of a mistake differ from the announced ones; undefined if they do not. */
export function complaint(mistake: Mistake, errors: readonly CompilerError[]): string | undefined {
  const found = errors.filter((error) => within(mistake, error));
  if (found.length === 0) return 'it compiles';
  const other = found.find(({ code }) => !mistake.codes.includes(code));
  if (other !== undefined) return `another error: ${other.code} ${other.text}`;
  const text = found.map((error) => error.text).join('\n');
  const missing = mistake.sentences.find((sentence) => !text.includes(sentence));
  if (missing !== undefined) return `without "${missing}": ${text}`;
  return mistake.sentences.length > 0 && text.includes('Overload 1 of') ? `an overload wall: ${text}` : undefined;
}
