import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { announcedMistakes, compileFixtures, complaint, fixtures, within } from '../types/compile.js';
import { Project } from './project.js';
import { workspace } from './workspace.js';

const root = path.resolve(__dirname, '../..');
const mistakes = announcedMistakes();
const settings = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  module: 'node16',
  strict: true,
  noUncheckedIndexedAccess: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  useDefineForClassFields: false,
  esModuleInterop: true,
  skipLibCheck: true,
  types: ['node'],
};

/** The published types, without internal ones, as in a user's project. */
describe.each([
  ['TypeScript 7', 'typescript', {}],
  ['TypeScript 5.9', 'typescript-5', {}],
  [
    'TypeScript 5.9, the options of tsc --init',
    'typescript-5',
    { exactOptionalPropertyTypes: true, isolatedModules: true },
  ],
  [
    'TypeScript 7, the options of tsc --init',
    'typescript',
    { exactOptionalPropertyTypes: true, isolatedModules: true },
  ],
])('the packed types under %s', (_, compiler, options) => {
  const project = new Project([]).withPackage();
  cpSync(fixtures, project.folder, { recursive: true });
  for (const peer of ['valibot', 'zod', '@standard-schema'])
    cpSync(path.join(root, 'node_modules', peer), path.join(project.folder, 'node_modules', peer), { recursive: true });
  writeFileSync(
    path.join(project.folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...settings, ...options }, include: ['*.ts'] }),
  );
  const errors = compileFixtures(path.join(workspace().tools, compiler, 'bin/tsc'), project.folder);

  it('accept every use', () => {
    expect(errors.filter((error) => !mistakes.some((mistake) => within(mistake, error)))).toEqual([]);
  });

  it('report every mistake with its message', () => {
    expect(mistakes.flatMap((mistake) => complaint(mistake, errors) ?? [])).toEqual([]);
  });
});
