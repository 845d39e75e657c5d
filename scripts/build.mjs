// Builds dist/: a CommonJS build with its types, and for each entry of package.json `exports` a generated ESM wrapper.
// Two full builds would give an application that mixes both two copies of `Joined` and of the decorators' metadata.
//
// The code that most mills need is in one file, which the other entries share: loading hundreds of modules took most of
// the start of a small program, and of each of its test files. Code that is loaded later is in late-chunks.mjs. Tests
// that need internals have the modules in build/modules.
//
// Only bundlers use dist/esm, by the condition `module`, for import and require alike: ES modules, from which they drop
// unused code, and whose imports of Node and of peers stay imports in a bundle that is itself a module.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { rollup } from 'rollup';
import { chunksOf, linked } from './late-chunks.mjs';
import { root, tsc } from './run.mjs';

// `.ci/run` builds first, and then runs many commands that would build again.
if (process.env.WATERMILL_BUILT === 'true') process.exit();

// Built in another folder and renamed, so that dist/ is never incomplete.
const staging = path.join(root, 'build', `dist-${process.pid}`);
const stagedModules = path.join(root, 'build', `modules-${process.pid}`);
const replaced = path.join(root, 'build', `replaced-${process.pid}`);
const esm = path.join(staging, 'esm');
const require = createRequire(import.meta.url);

/**
 * How a module of dist/esm loads a peer that the CommonJS build requires at first use. tsyringe must be the program's
 * own copy, and throws if it is loaded before its polyfill. The others are optional, so nothing may import them: a
 * bundler that supports `require` includes them if it can, otherwise they are loaded from next to the bundle. The
 * second `try` also tells webpack that they may be missing.
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
    'brokers/redis/client/redis-package.js redis',
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

/** The programs in addition to the entries: the command, and the files of threads. */
const programs = ['cli/main.js', 'stores/scan-main.js', 'workers/worker-main.js'];

process.on('exit', () => {
  for (const folder of [staging, stagedModules, replaced]) rmSync(folder, { recursive: true, force: true });
});

// In the layout of the package, in which modules look for package.json and for the files of threads.
tsc('-p', 'tsconfig.build.json', '--outDir', path.join(stagedModules, 'dist'));
cpSync(path.join(root, 'package.json'), path.join(stagedModules, 'package.json'));

const forBundlers = [
  '--module',
  'esnext',
  '--moduleResolution',
  'bundler',
  '--declaration',
  'false',
  '--removeComments',
];
tsc('-p', 'tsconfig.build.json', '--outDir', esm, ...forBundlers);
await bundle();
copyTypes();
for (const entry of entries()) writeWrapper(entry);
finishModules();

mkdirSync(replaced, { recursive: true });
replace(path.join(root, 'dist'), staging);
replace(path.join(root, 'build/modules'), stagedModules);

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

/** Builds the CommonJS files. */
async function bundle() {
  const names = [...entries(), ...programs].map((file) => file.replace(/\.js$/, ''));
  const built = await rollup({
    input: Object.fromEntries(names.map((name) => [name, path.join(esm, `${name}.js`)])),
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
    // Modules must behave as when they are loaded one by one.
    treeshake: false,
    onLog: (_level, { code, message }) => {
      // The compiler's helpers look for others of their name there. A late chunk and core import one another.
      if (!['THIS_IS_UNDEFINED', 'CIRCULAR_CHUNK'].includes(code)) throw new Error(message);
    },
  });
  let chunks;
  await built.write({
    dir: staging,
    format: 'cjs',
    exports: 'named',
    interop: 'auto',
    // At the same depth below the package as the modules, which look for package.json from there.
    chunkFileNames: 'chunks/[name].js',
    // An entry need not load Node modules that only late chunks use.
    hoistTransitiveImports: false,
    manualChunks: (id, { getModuleInfo }) => {
      chunks ??= chunksOf(esm, (module) => getModuleInfo(module).importedIds);
      return chunks.get(id);
    },
    plugins: [
      {
        name: 'link',
        renderChunk(code, chunk) {
          return ascii(linked(code, chunk, (text) => this.parse(text)));
        },
      },
    ],
  });
  await built.close();
}

/** Escapes other characters: they would make V8 store the text in twice the memory, and load it more slowly. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function finishModules() {
  // No "type": "module": in such files webpack does not replace `require`, so a bundle would have no optional peers.
  writeFileSync(path.join(esm, 'package.json'), '{ "sideEffects": false }\n');
  for (const { file, name, head, call } of peers) {
    const source = readFileSync(path.join(esm, file), 'utf8');
    const parts = source.split(`require('${name}')`);
    if (parts.length !== 2) throw new Error(`${file} should require ${name} once`);
    writeFileSync(path.join(esm, file), `${head}\n${parts.join(call)}`);
  }
  writeFileSync(path.join(esm, 'base/loaded-package.js'), 'export function isLoaded() { return true; }\n');
}

/** Copies the declaration files of the compiler. */
function copyTypes() {
  const isType = (file) => statSync(file).isDirectory() || file.endsWith('.d.ts');
  cpSync(path.join(stagedModules, 'dist'), staging, { recursive: true, filter: isType });
}

/** Two builds at once may do this: the existing folder is renamed first, and deleted at the end. */
function replace(folder, by) {
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(folder)) renameSync(folder, path.join(replaced, `${path.basename(folder)}-${attempt}`));
      renameSync(by, folder);
      return;
    } catch (error) {
      // The other build was faster with one of the two.
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code) || attempt === 10) throw error;
    }
  }
}
