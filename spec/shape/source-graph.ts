import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The imports and re-exports of one source file, including types. */
export interface SourceFile {
  readonly path: string;
  /** Files of the same tree, as paths like `path`. */
  readonly files: readonly string[];
  /** Packages and Node's own modules, as written. */
  readonly packages: readonly string[];
}

const statement = /(?:^|;)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?\s*['"]([^'"]+)['"]/gm;
const call = /\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Returns all specifiers in a source, in import and export statements, `import()` (also of types) and `require()`. */
export function specifiersOf(source: string): string[] {
  const code = source.replace(/^\s*\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(statement), ...code.matchAll(call)].map((match) => match[1] as string);
}

/** Reads every TypeScript file below `folder`; paths are relative to `root`, with forward slashes. */
export function readSourceGraph(root: string, folder: string): SourceFile[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .sort()
    .map((file) => {
      const specifiers = specifiersOf(readFileSync(path.join(root, file), 'utf8'));
      return {
        path: file,
        files: specifiers.filter(isRelative).map((specifier) => resolve(file, specifier)),
        packages: specifiers.filter((specifier) => !isRelative(specifier)),
      };
    });
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

function resolve(from: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(from), specifier.replace(/\.js$/, '.ts'));
}

/** Returns the folders and files directly in a folder, each with its imports of the others. */
export function groupsIn(parent: string, files: readonly SourceFile[]): SourceFile[] {
  const groupOf = (file: string): string => `${parent}/${file.slice(parent.length + 1).split('/')[0]}`;
  const inside = (file: string): boolean => file.startsWith(`${parent}/`);
  const groups = new Map<string, Set<string>>();
  for (const { path: file, files: imported } of files.filter((each) => inside(each.path))) {
    const group = groupOf(file);
    const others = groups.get(group) ?? new Set();
    groups.set(group, others);
    for (const next of imported.filter(inside)) if (groupOf(next) !== group) others.add(groupOf(next));
  }
  return [...groups].map(([group, others]) => ({ path: group, files: [...others], packages: [] }));
}

/** Returns cycles of files that import each other, each with its first file repeated at the end. */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const imports = new Map(files.map((file) => [file.path, file.files]));
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];

  function visit(file: string): void {
    if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file]);
    else if (!finished.has(file)) {
      trail.push(file);
      imports.get(file)?.forEach(visit);
      trail.pop();
      finished.add(file);
    }
  }

  for (const file of imports.keys()) visit(file);
  return cycles;
}
