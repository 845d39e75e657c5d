// Builds dist/: one CommonJS build with its types, and for each entry of package.json `exports` a generated ESM wrapper.
// Two full builds would give an application that mixes both two copies of `Joined` and of the decorators' metadata.
//
// Bundlers, and they alone, take dist/esm by the condition `module`, for import and require alike: ES modules, of which they
// leave out what is not used, and whose imports of Node and of peers stay imports in a bundle that is itself a module.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, tsc } from './run.mjs';

// `.ci/run` builds first, and then runs many commands that build for themselves.
if (process.env.WATERMILL_BUILT === 'true') process.exit();

const target = path.join(root, 'dist');
// Built aside and renamed, so that nobody who reads dist/ meanwhile finds half of it.
const staging = path.join(root, 'build', `dist-${process.pid}`);
const require = createRequire(import.meta.url);

/**
 * How a module of dist/esm loads a peer that the CommonJS build requires at first use. tsyringe must be the program's own
 * copy, and throws when it is loaded before its polyfill. The others are optional, so nothing may import them: they are
 * taken into a bundle by a bundler that sees `require` and can run what it took, and else loaded from beside the bundle.
 * The second `try` tells webpack, too, that they may be missing.
 */
const peers = [
  {
    file: 'mill/process/default-container.js',
    name: 'tsyringe',
    head: "import 'reflect-metadata';\nimport * as peer from 'tsyringe';",
    call: 'peer',
  },
  ...[
    'brokers/formats/csv-package.js papaparse',
    'brokers/kafka/kafkajs/package.js kafkajs',
    'brokers/redis/redis-package.js redis',
    'messages/class-transformer.js class-transformer',
    'stores/classic-level.js classic-level',
    'workers/piscina-package.js piscina',
  ].map((line) => {
    const [file, name] = line.split(' ');
    const beside = `try { return createRequire(import.meta.url)('${name}'); } catch (missing) { throw missing; }`;
    const call = `(() => { try { return require('${name}'); } catch { ${beside} } })()`;
    return { file, name, head: "import { createRequire } from 'node:module';", call };
  }),
];

process.on('exit', () => rmSync(staging, { recursive: true, force: true }));

tsc('-p', 'tsconfig.build.json', '--outDir', staging);
for (const entry of entries()) writeWrapper(entry);
buildModules();
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

function buildModules() {
  const modules = path.join(staging, 'esm');
  const flags = ['--module', 'esnext', '--moduleResolution', 'bundler', '--declaration', 'false'];
  tsc('-p', 'tsconfig.build.json', '--outDir', modules, ...flags);
  writeFileSync(path.join(modules, 'package.json'), '{ "sideEffects": false }\n');
  for (const { file, name, head, call } of peers) {
    const source = readFileSync(path.join(modules, file), 'utf8');
    const parts = source.split(`require('${name}')`);
    if (parts.length !== 2) throw new Error(`${file} should require ${name} once`);
    writeFileSync(path.join(modules, file), `${head}\n${parts.join(call)}`);
  }
}
