import path from 'node:path';

/** One row of the table in docs/architecture.md: a folder or file of lib, and which others it may import. */
export interface Stage {
  readonly path: string;
  readonly mayImport: ReadonlySet<string>;
}

/** The rows of the table, in its order. Fails on words that it does not understand, so that no row is left unheld. */
export function readStages(architecture: string): Stage[] {
  const rows = [...architecture.matchAll(/^\| `(lib\/[^`]+)` \|.*\| ([^|]+) \|$/gm)].map(([, folder, rule]) => ({
    path: folder as string,
    rule: (rule as string).trim(),
  }));
  const paths = rows.map((row) => row.path);
  return rows.map((row, index) => ({
    path: row.path,
    mayImport: new Set(allowed(row.rule, paths, paths.slice(0, index))),
  }));
}

function allowed(rule: string, all: readonly string[], above: readonly string[]): readonly string[] {
  if (rule === 'nothing') return [];
  if (rule === 'all') return all;
  if (rule === 'all of the above') return above;
  const except = /^all but (.+)$/.exec(rule);
  if (except === null) return named(rule, all);
  const forbidden = named(except[1] as string, all);
  return all.filter((candidate) => !forbidden.includes(candidate));
}

function named(list: string, all: readonly string[]): string[] {
  return list.split(/, | and /).map((name) => {
    const found = all.find((candidate) => path.posix.basename(candidate, '.ts') === name);
    if (found === undefined) throw new Error(`docs/architecture.md: no row of the table is called "${name}"`);
    return found;
  });
}

/** The most special stage that a file belongs to. */
export function stageOf(file: string, stages: readonly Stage[]): Stage | undefined {
  return stages
    .filter((stage) => file === stage.path || file.startsWith(`${stage.path}/`))
    .sort((one, other) => other.path.length - one.path.length)[0];
}
