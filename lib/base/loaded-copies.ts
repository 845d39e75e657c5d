import { readFileSync } from 'node:fs';
import path from 'node:path';

/** One of the loaded copies of this package: from a linked folder, two dependencies, or jest's `resetModules`. */
export interface LoadedCopy {
  readonly version: string;
  /** Its folder, if known: a bundle has none. */
  readonly path: string;
}

interface Copies {
  readonly versions: Set<string>;
  /** The copy that made an object: a description, a broker, or one of the classes that copies share. */
  readonly makers: WeakMap<object, LoadedCopy>;
  /** By version and name. */
  readonly shared: Map<string, unknown>;
}

/** On the global object, under a registered symbol: the only place that all copies share. */
const place = Symbol.for('watermill.copies.1');
const home = globalThis as { [place]?: Copies };
home[place] ??= { versions: new Set(), makers: new WeakMap(), shared: new Map() };
const copies: Copies = home[place];

/** The version in package.json, for a bundle, which does not have that file. */
const builtVersion = '0.1.0';

export const thisCopy: LoadedCopy = Object.freeze(findCopy());
copies.versions.add(thisCopy.version);

/**
 * A value that all copies of this version share, made by the first of them. So `instanceof` and `===` work between
 * copies, at the usual cost.
 */
export function shared<T>(name: string, make: () => T): T {
  const key = `${thisCopy.version} ${name}`;
  if (!copies.shared.has(key)) copies.shared.set(key, make());
  return copies.shared.get(key) as T;
}

/** Shares a class whose instances users pass between copies. */
export function sharedClass(name: string): <C extends Function>(cls: C) => C {
  return (cls) => shared(name, () => madeHere(cls));
}

/** Notes that this copy made an object that may be passed to a mill. */
export function madeHere<T extends object>(made: T): T {
  copies.makers.set(made, thisCopy);
  return made;
}

/** Notes that a class, and therefore its instances, belong to this copy. */
export function ofThisCopy(cls: Function): void {
  madeHere(cls);
}

/** Returns whether any copy made this object. */
export function isMadeByAny(value: object): boolean {
  return copies.makers.has(value);
}

/** Returns whether several versions are loaded: rare enough to check everything then. */
export function areVersionsMixed(): boolean {
  return copies.versions.size > 1;
}

/** The copy of another version that made this object, or its class; undefined if there is none. */
export function otherVersionOf(value: object): LoadedCopy | undefined {
  if (!areVersionsMixed()) return undefined;
  const maker = copies.makers.get(value) ?? copies.makers.get(value.constructor) ?? makerOfBase(value);
  return maker !== undefined && maker.version !== thisCopy.version ? maker : undefined;
}

/** A table is used by a class that extends it. */
function makerOfBase(value: object): LoadedCopy | undefined {
  if (typeof value !== 'function') return undefined;
  const base = Object.getPrototypeOf(value);
  return base === null ? undefined : (copies.makers.get(base) ?? makerOfBase(base));
}

function findCopy(): LoadedCopy {
  // Not defined in a bundle of ES modules.
  const folder = typeof __dirname === 'string' ? path.resolve(__dirname, '../..') : 'a bundle';
  try {
    const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    if (name === 'watermill' && typeof version === 'string') return { version, path: folder };
  } catch {
    // A bundle has no package.json.
  }
  return { version: builtVersion, path: folder };
}
