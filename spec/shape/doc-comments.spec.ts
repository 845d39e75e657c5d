import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const lib = path.resolve(__dirname, '../../lib');

describe('doc comments', () => {
  it('keep the lines of their examples: an example of several lines begins below its tag', () => {
    const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const joined = files.flatMap((file) =>
      examplesOfSeveralLines(readFileSync(path.join(lib, file), 'utf8')).map((line) => `${file}: ${line}`),
    );
    expect(joined).toEqual([]);
    expect(files.length).toBeGreaterThan(300);
  });

  it('finds an example that was filled like prose', () => {
    const filled = '/**\n * Joins.\n *\n * @example join(A, {\n * left: a })\n */';
    expect(examplesOfSeveralLines(filled)).toEqual(['@example join(A, {']);
    expect(examplesOfSeveralLines('/**\n * @example join(A)\n * @example\n * join(B, {\n *   left: b })\n */')).toEqual(
      [],
    );
  });
});

/** Returns the first lines of examples that begin beside their tag and continue on the next line. */
function examplesOfSeveralLines(source: string): string[] {
  return [...source.matchAll(/^\s*\* (@example \S.*)\n\s*\* (?!@)\S/gm)].map(([, line]) => line as string);
}
