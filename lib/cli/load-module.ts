import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { shellWord } from '../base/shell-word.js';
import { memberOrNothing } from '../base/shown-value.js';
import { thrownSentence } from '../base/thrown.js';
import { commandError } from './command-error.js';
import { checkFile } from './paths.js';

/** The exports of a module; for CommonJS, including named ones. */
export type Exports = Readonly<Record<string, unknown>>;

const typeScript = /\.[mc]?tsx?$/;

/** Loads a module of the user: CommonJS or an ES module, or TypeScript if Node has a loader for it. */
export async function loadModule(file: string): Promise<Exports> {
  const full = path.resolve(file);
  checkFile(file, ' Name the module by its path.');
  try {
    // Decorators need it; a module that imports it itself gets the same instance.
    await import('reflect-metadata').catch(() => {});
    return (await import(pathToFileURL(full).href)) as Exports;
  } catch (error) {
    if (typeScript.test(file) && isOfTypeScript(error))
      throw commandError(typeScriptSentence(file), { file: full }, error);
    throw commandError(
      `${file} failed while it was loaded: ${thrownSentence(error)}${placeAdvice(file, error)}`,
      { file: full },
      error,
    );
  }
}

/** The default export of a module. In CommonJS it may be nested one level deeper: `exports.default = …`. */
export function defaultOf(exports: Exports): unknown {
  const { default: found } = exports;
  const isNested = typeof found === 'object' && found !== null && 'default' in found;
  return isNested ? found.default : found;
}

/** The export with this name. */
export function exportOf(exports: Exports, name: string): unknown {
  if (name === 'default') return defaultOf(exports);
  const { default: whole } = exports;
  return exports[name] ?? memberOrNothing(whole, name);
}

/** An error of syntax does not know its place; only an uncaught one is printed with it. */
function placeAdvice(file: string, error: unknown): string {
  return error instanceof SyntaxError ? ` Run node ${shellWord(file)}: it prints the line.` : '';
}

/** Node cannot read TypeScript, or reads it without the metadata for decorators. */
function isOfTypeScript(error: unknown): boolean {
  const code = `${memberOrNothing(error, 'code')}`;
  if (code === 'ERR_MODULE_NOT_FOUND') return isUncompiled(`${memberOrNothing(error, 'message')}`);
  return error instanceof SyntaxError || /^ERR_(UNKNOWN_FILE_EXTENSION|\w*TYPESCRIPT\w*)$/.test(code);
}

/**
 * A module that is missing because it exists only in TypeScript: imports name the compiled file, or leave out the
 * extension. Errors of Node 20.4 have the path in the message only.
 */
function isUncompiled(message: string): boolean {
  const [, missing] = /^Cannot find module '(.+)' imported from /.exec(message) ?? [];
  if (missing === undefined) return false;
  const stem = missing.replace(/\.([cm]?)jsx?$/, '.$1');
  const sources = stem === missing ? [`${missing}.ts`, `${missing}.tsx`] : [`${stem}ts`, `${stem}tsx`];
  return sources.some((source) => existsSync(source));
}

function typeScriptSentence(file: string): string {
  return (
    `${file}: Node cannot load TypeScript with decorators by itself. Compile it (npx tsc) and name the JavaScript file, or register a loader: ` +
    'NODE_OPTIONS="--import tsx" npx watermill … (tsx emits no metadata: there, fields and parameters need explicit types).'
  );
}
