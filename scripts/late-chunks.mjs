// Parts of `watermill` that are loaded only when they are used: V8 scans all the text that a program loads, which took
// a tenth of the time of a short one. A late chunk contains the modules that are reached only through those named here.
//
// A module can be named if it is used rarely, and not while the importing module is evaluated: `new LaneTables` of a
// lane, but no `instanceof` of every element. It is loaded when a mill is created, started or queried, not in the
// middle of a run. Lanes and windows are not among them: TreeLane was some 4 % slower in a separate chunk.
import path from 'node:path';

// A module that several of them reach is in the first of these, which the others load with it.
const lateModules = {
  tables: [
    'mill/driver/tables/lane-tables.js',
    'mill/driver/tables/table-store.js',
    'tables/table-of-lanes.js',
    'tables/table-rows.js',
  ],
  sources: [
    'brokers/json-file/source/followed-source.js',
    'brokers/json-file/source/gzip-source.js',
    'brokers/parsing/line-parser.js',
    'brokers/json-file/source/pipe-source.js',
  ],
  rows: ['brokers/formats/csv-parser.js', 'brokers/formats/make-row-parser.js', 'brokers/formats/row-writer.js'],
  'kept-progress': [
    'brokers/custom/progress-folder.js',
    'brokers/json-file/group-inputs.js',
    'brokers/json-file/kept-progress.js',
  ],
  streamed: ['brokers/json-file/output/streamed-output.js'],
  directory: ['brokers/directory/directory-connection.js', 'brokers/directory/directory-stream.js'],
  custom: ['brokers/custom/custom-connection.js', 'brokers/custom/custom-input.js', 'brokers/custom/custom-output.js'],
  several: ['brokers/several/several-brokers.js'],
  explain: ['mill/plan/explain/explain.js'],
  service: ['mill/service/service.js', 'mill/service/service-options.js'],
  why: ['mill/why/why-not.js'],
};

/**
 * The chunk of each module that the entry reaches: `core`, or a late one.
 *
 * @param {string} folder Where the modules are.
 * @param {(module: string) => readonly string[]} importsOf
 * @returns {Map<string, string>}
 */
export function chunksOf(folder, importsOf) {
  const inFolder = (file) => path.join(folder, file);
  const named = new Set(Object.values(lateModules).flat().map(inFolder));
  const chunks = new Map();
  for (const module of reachable([inFolder('index.js')], importsOf, named)) chunks.set(module, 'core');
  for (const [chunk, files] of Object.entries(lateModules)) {
    for (const module of reachable(files.map(inFolder), importsOf, chunks)) {
      if (!chunks.has(module)) chunks.set(module, `late-${chunk}`);
    }
  }
  return chunks;
}

function reachable(from, importsOf, without) {
  const found = new Set(from);
  for (const module of found) {
    for (const each of importsOf(module)) if (!without.has(each)) found.add(each);
  }
  return found;
}

/**
 * The text of a chunk in CommonJS, with what it has of others taken as is best for it: core takes of a late one what it uses when
 * it uses that; the others take what they use once, since the exports of a large chunk are a dictionary, and too slow to be
 * looked into for every element. As `var`, which V8 need not check for being initialized.
 *
 * @param {string} code
 * @param {{ fileName: string, importedBindings: Record<string, readonly string[]> }} chunk
 * @param {(code: string) => object} parse
 */
export function linked(code, { fileName, importedBindings }, parse) {
  const isCore = fileName === 'chunks/core.js';
  let text = code;
  for (const [file, names] of Object.entries(importedBindings)) {
    if (!/^chunks\/(?:core|late-.+)\.js$/.test(file)) continue;
    const request = `require('${relative(fileName, file)}')`;
    const line = text.split('\n').find((each) => each.startsWith('var ') && each.endsWith(` = ${request};`));
    if (line === undefined) continue;
    const variable = line.split(' ')[1];
    if (!isCore) text = withNames(text, membersOf(variable, parse(text)));
    text = text.replace(line, () => (isCore ? late : taken)(variable, request, names));
  }
  return text;
}

function late(variable, request, names) {
  const getters = names.map((name) => `get ${name}() { return (${variable}$ ??= ${request}).${name}; },\n`);
  return `let ${variable}$;\nconst ${variable} = {\n${getters.join('')}};`;
}

function taken(variable, request, names) {
  return `var { ${names.map((name) => `${name}: ${variable}$${name}`).join(', ')} } = ${request};`;
}

/**
 * Returns the positions of the members of a variable, from the last to the first. Its name must have no other meaning.
 */
function membersOf(variable, tree) {
  const members = [];
  let named = 0;
  const nodes = [tree];
  for (const node of nodes) {
    const { type, name, object } = node;
    if (type === 'Identifier' && name === variable) named++;
    if (type === 'MemberExpression' && object.type === 'Identifier' && object.name === variable) members.push(node);
    nodes.push(
      ...Object.values(node)
        .flat()
        .filter((value) => typeof value?.type === 'string'),
    );
  }
  // One more occurrence is its declaration.
  if (named !== members.length + 1) throw new Error(`${variable} is the name of a chunk and of something else`);
  return members.sort((one, other) => other.start - one.start);
}

function withNames(text, members) {
  let changed = text;
  for (const { start, end, object, property } of members) {
    changed = `${changed.slice(0, start)}${object.name}$${property.name}${changed.slice(end)}`;
  }
  return changed;
}

function relative(from, to) {
  const request = path.posix.relative(path.posix.dirname(from), to);
  return request.startsWith('.') ? request : `./${request}`;
}
