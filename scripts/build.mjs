// Builds dist/: one CommonJS build with its types, and for each entry of package.json `exports` a generated ESM wrapper.
// Two full builds would give an application that mixes both two copies of `Joined` and of the decorators' metadata.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, tsc } from './run.mjs';

const target = path.join(root, 'dist');
// Built aside and renamed, so that nobody who reads dist/ meanwhile finds half of it.
const staging = path.join(root, 'build', `dist-${process.pid}`);
const require = createRequire(import.meta.url);

process.on('exit', () => rmSync(staging, { recursive: true, force: true }));

tsc('-p', 'tsconfig.build.json', '--outDir', staging);
for (const entry of entries()) writeWrapper(entry);
rmSync(target, { recursive: true, force: true });
renameSync(staging, target);

/** The CommonJS files of the package's entries, relative to dist. */
function entries() {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return Object.values(manifest.exports)
    .filter((conditions) => typeof conditions === 'object')
    .map((conditions) => path.relative('dist', conditions.require.default));
}

function writeWrapper(entry) {
  const names = Object.keys(require(path.join(staging, entry))).sort();
  const source = `./${path.basename(entry)}`;
  const lines = names.map((name) => `export const ${name} = entry.${name};\n`);
  const wrapper = path.join(staging, entry.replace(/\.js$/, ''));
  writeFileSync(`${wrapper}.mjs`, `import entry from '${source}';\n\n${lines.join('')}`);
  writeFileSync(`${wrapper}.d.mts`, `export * from '${source}';\n`);
}
