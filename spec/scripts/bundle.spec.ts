import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { batchCalls, processCalls, sourceAndSinkCalls } from '../../lib/base/inside-call.js';

const root = path.resolve(__dirname, '../..');
const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const entries = Object.values<any>(exports).flatMap((conditions) => conditions.require?.default ?? []) as string[];
const files = readdirSync(path.join(root, 'dist'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js') && !file.startsWith('esm'))
  .map((file) => path.join(root, 'dist', file));
const texts = files.map((file) => readFileSync(file, 'utf8'));

describe('the modules bundled into few files in dist', () => {
  it('have functions and classes named as exported', () => {
    const renamed = entries.flatMap((entry) =>
      Object.entries(require(path.join(root, entry)))
        .filter(([name, value]) => typeof value === 'function' && value.name !== name)
        .map(([name, value]) => `${name} of ${entry}: ${(value as Function).name}`),
    );
    expect(entries.length).toBeGreaterThan(6);
    expect(renamed).toEqual([]);
  });

  it.each([...new Set([...processCalls, ...sourceAndSinkCalls, ...batchCalls])])(
    'have a function by the name %s, by which a stack is recognised, and none that was renamed from it',
    (name) => {
      const made = new RegExp(`^\\s*(?:write: |end: )?async (?:function )?${name}\\(`, 'm');
      expect(texts.filter((text) => made.test(text)).length).toBeGreaterThan(0);
      expect(texts.filter((text) => text.includes(`${name}$`))).toEqual([]);
    },
  );
});

it('every entry has modules for bundlers, which otherwise would include a second copy of all that it shares', () => {
  const ofEntries = Object.values<any>(exports).filter((conditions) => conditions.require !== undefined);
  expect(ofEntries).toHaveLength(entries.length);
  for (const conditions of ofEntries) {
    expect(conditions.module).toBe(conditions.require.default.replace('./dist/', './dist/esm/'));
    expect(existsSync(path.join(root, conditions.module))).toBe(true);
    // The first condition that matches counts.
    expect(Object.keys(conditions)[0]).toBe('module');
  }
});

describe('the chunks of dist', () => {
  it('have no regular expression with Unicode classes, which V8 would compile even if unused', () => {
    const core = readFileSync(path.join(root, 'dist/chunks/core.js'), 'utf8').split('\n');
    const lines = core.filter((line) => line.includes('\\p{'));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.filter((line) => !line.includes('String.raw'))).toEqual([]);
  });

  it('contain everything that they import from one another', () => {
    const taken = files.flatMap((file, i) => [...takenIn(texts[i] as string, path.dirname(file))]);
    const missing = taken.filter(({ request, name }) => require(request)[name] === undefined);
    expect(taken.length).toBeGreaterThan(300);
    expect(missing).toEqual([]);
  });

  it.each([
    ['a run from file to file', '', ['core.js']],
    ['rows of CSV', "output = 'copies.csv';", ['core.js', 'late-rows.js']],
  ])('are loaded on demand: %s', (_what, more, expected) => {
    const { chunks, builtIn } = loadedBy(more);
    expect(chunks).toEqual(expected);
    expect(builtIn.filter((module) => /^(?:http|net|worker_threads)$/.test(module))).toEqual([]);
  });
});

/** Yields the imports of a file, at load time or later. */
function* takenIn(text: string, folder: string): Generator<{ request: string; name: string }> {
  for (const [, names, request] of text.matchAll(/^var \{ (.+) \} = require\('(\..+)'\);$/gm)) {
    for (const each of `${names}`.split(', ')) {
      yield { request: path.join(folder, `${request}`), name: `${each.split(':')[0]}` };
    }
  }
  for (const [, request, name] of text.matchAll(/\?\?= require\('(.+)'\)\)\.([\w$]+); \},$/gm)) {
    yield { request: path.join(folder, `${request}`), name: `${name}` };
  }
}

/** Returns the modules of dist and of Node that a program has loaded after copying a file. */
function loadedBy(more: string): { chunks: readonly string[]; builtIn: readonly string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'chunks-'));
  const program = `
    const path = require('node:path');
    const watermill = require(${JSON.stringify(root)});
    const { Field, JsonFileMessageBroker, Message, processFunction, WaterMill } = watermill;
    class Item {}
    Field(() => Number)(Item.prototype, 'time');
    Message()(Item);
    class Copy {}
    Field(() => Number)(Copy.prototype, 'time');
    Message()(Copy);
    let output = 'copies.json';
    ${more}
    const broker = new JsonFileMessageBroker([[Item, 'items.json'], [Copy, output]]);
    const ignore = () => {};
    const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    const copy = processFunction(Item, { emits: [Copy] }, () => Object.assign(new Copy(), { time: 1 }));
    new WaterMill({ process: copy, broker, logger: quiet }).run().then(() => {
      const chunks = Object.keys(require.cache).filter((file) => /[\\\\/]chunks[\\\\/]/.test(file));
      const builtIn = process.moduleLoadList.flatMap((each) => /^NativeModule (.+)$/.exec(each)?.[1] ?? []);
      console.log(JSON.stringify({ chunks: chunks.map((file) => path.basename(file)).sort(), builtIn }));
    });`;
  try {
    writeFileSync(path.join(folder, 'items.json'), '[{"time":1},{"time":2}]');
    writeFileSync(path.join(folder, 'program.cjs'), program);
    return JSON.parse(execFileSync(process.execPath, ['program.cjs'], { cwd: folder, encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
