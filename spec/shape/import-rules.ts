/** One row of the table in docs/architecture.md: a folder or file of lib, its allowed imports, and its importers. */
export interface Stage {
  readonly path: string;
  readonly mayImport: ReadonlySet<string>;
  readonly importedBy: ReadonlySet<string>;
}

/** Returns the rows of the table, in order. Fails on unknown words, so that every row is checked. */
export function readStages(architecture: string): Stage[] {
  const rows = [...architecture.matchAll(/^\| `(lib\/[^`]+)` \|.*\| ([^|]+) \| ([^|]+) \|$/gm)].map((cells) =>
    cells.slice(1),
  );
  const paths = rows.map(([folder]) => folder as string);
  return rows.map(([folder, mayImport, importedBy], index) => ({
    path: folder as string,
    mayImport: new Set(foldersOf(mayImport as string, paths, paths.slice(0, index))),
    importedBy: new Set(foldersOf(importedBy as string, paths, paths.slice(0, index))),
  }));
}

function foldersOf(rule: string, all: readonly string[], above: readonly string[]): readonly string[] {
  if (rule === 'nothing') return [];
  if (rule === 'all') return all;
  if (rule === 'all of the above') return above;
  const except = /^all but (.+)$/.exec(rule);
  if (except === null) return named(rule, all);
  const others = named(except[1] as string, all);
  return all.filter((candidate) => !others.includes(candidate));
}

function named(list: string, all: readonly string[]): string[] {
  return list.split(/, | and /).map((name) => {
    const found = all.filter((candidate) => candidate === name || candidate.replace(/\.ts$/, '').endsWith(`/${name}`));
    if (found.length === 1) return found[0] as string;
    throw new Error(`docs/architecture.md: ${found.length} rows of the table are called "${name}"`);
  });
}

/** Returns the most specific stage that a file belongs to. */
export function stageOf(file: string, stages: readonly Stage[]): Stage | undefined {
  return stages
    .filter((stage) => file === stage.path || file.startsWith(`${stage.path}/`))
    .sort((one, other) => other.path.length - one.path.length)[0];
}
