import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readStages, stageOf } from './import-rules.js';
import { findCycles, groupsIn, readSourceGraph, type SourceFile, specifiersOf } from './source-graph.js';

const root = path.resolve(__dirname, '../..');
const stages = readStages(readFileSync(path.join(root, 'docs/architecture.md'), 'utf8'));
const files = readSourceGraph(root, 'lib');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

describe('the imports of lib', () => {
  it('finds every way of importing', () => {
    const source = [
      "import 'one';",
      "import two from 'two';",
      "import { a,\n  type B } from 'three';",
      "import type { C } from 'four';",
      "export * from 'five';",
      "export { d } from 'six';",
      "const seven = await import('seven');",
      "const eight = require('eight');",
      "import a from 'nine'; import 'ten';",
      "// import 'not this';",
      "/** an example: import 'nor this'; */",
    ].join('\n');
    const names = ['one', 'two', 'three', 'four', 'five', 'six', 'nine', 'ten', 'seven', 'eight'];
    expect(specifiersOf(source)).toEqual(names);
  });

  it('reads the table of docs/architecture.md', () => {
    const table = [
      '| `lib/a` | A | nothing | all |',
      '| `lib/b` | B | a | c |',
      '| `lib/c` | C | all but a | nothing |',
    ].join('\n');
    const allowed = readStages(table).map((stage) => [stage.path, ...stage.mayImport]);
    expect(allowed).toEqual([['lib/a'], ['lib/b', 'lib/a'], ['lib/c', 'lib/b', 'lib/c']]);
    const importers = readStages(table).map((stage) => [...stage.importedBy]);
    expect(importers).toEqual([['lib/a', 'lib/b', 'lib/c'], ['lib/c'], []]);
    expect(() => readStages('| `lib/a` | A | whatever | all |')).toThrow('0 rows of the table are called "whatever"');
    expect(() =>
      readStages('| `lib/a` | A | nothing | d |\n| `lib/d` | D | a | a |\n| `lib/b/d` | D | a | a |'),
    ).toThrow('2 rows of the table are called "d"');
    expect(stages.length).toBeGreaterThan(8);
  });

  it('has a row of the table for every file', () => {
    expect(files.filter((file) => stageOf(file.path, stages) === undefined).map((file) => file.path)).toEqual([]);
  });

  it('imports only existing files', () => {
    const known = new Set(files.map((file) => file.path));
    const broken = files.flatMap((file) => file.files.filter((next) => !known.has(next)).map(says(file)));
    expect(broken).toEqual([]);
  });

  it('points in the direction that the table allows', () => {
    const forbidden = files.flatMap((file) => {
      const stage = stageOf(file.path, stages);
      return file.files
        .filter((next) => {
          const target = stageOf(next, stages);
          return target !== stage && target !== undefined && !stage?.mayImport.has(target.path);
        })
        .map(says(file));
    });
    expect(forbidden).toEqual([]);
  });

  it('comes from the folders that the table allows', () => {
    const importers = new Map(stages.map((stage) => [stage.path, new Set<string>()]));
    for (const file of files) {
      const importer = stageOf(file.path, stages);
      for (const next of file.files) {
        const target = stageOf(next, stages);
        if (target !== undefined && importer !== undefined && target !== importer) {
          importers.get(target.path)?.add(importer.path);
        }
      }
    }
    const wrong = stages.flatMap(({ path, importedBy }) => {
      const found = [...(importers.get(path) ?? [])].sort();
      const said = [...importedBy].filter((one) => one !== path).sort();
      return String(found) === String(said)
        ? []
        : [`${path} is imported by ${found.join(', ')}: say so in docs/architecture.md`];
    });
    expect(wrong).toEqual([]);
  });

  it('has no cycles, types included', () => {
    const cyclic = [
      { path: 'a', files: ['b'], packages: [] },
      { path: 'b', files: ['c'], packages: [] },
      { path: 'c', files: ['b'], packages: [] },
    ];
    expect(findCycles(cyclic)).toEqual([['b', 'c', 'b']]);
    expect(findCycles(files)).toEqual([]);
  });

  it('has no cycles among the folders and files in one folder', () => {
    // Interfaces that name parts of their implementations.
    const excepted = ['lib/mill/lane', 'lib/brokers/kafka'];
    const folders = [...new Set(files.map((file) => path.posix.dirname(file.path)))];
    const cycles = folders
      .filter((folder) => !excepted.includes(folder))
      .flatMap((folder) => findCycles(groupsIn(folder, files)));
    expect(cycles).toEqual([]);
  });

  it('takes from outside only Node and the declared packages of package.json', () => {
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const foreign = files.flatMap((file) =>
      file.packages.filter((name) => !name.startsWith('node:') && !declared.includes(name)).map(says(file)),
    );
    expect(foreign).toEqual([]);
  });

  it('keeps descriptions, the lane and the restart code free of external modules', () => {
    const pure = ['lib/expressions', 'lib/joins', 'lib/mill/resume', 'lib/mill/lane'];
    const impure = files
      .filter((file) => pure.includes(stageOf(file.path, stages)?.path ?? ''))
      .flatMap((file) => file.packages.map(says(file)));
    expect(impure).toEqual([]);
  });
});

function says(file: SourceFile): (imported: string) => string {
  return (imported) => `${file.path} imports ${imported}`;
}
