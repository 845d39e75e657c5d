import { readFileSync } from 'node:fs';
import path from 'node:path';

/** One of the copies of this package that are loaded: of a linked folder, of two dependencies, of jest's `resetModules`. */
export interface LoadedCopy {
  readonly version: string;
  /** Its folder, if known: a bundle has none. */
  readonly path: string;
}

interface Copies {
  readonly versions: Set<string>;
  /** Which copy made an object: descriptions, brokers, and the classes that copies share. */
  readonly makers: WeakMap<object, LoadedCopy>;
  /** By version and name. */
  readonly shared: Map<string, unknown>;
}

/** On the global object, under a registered symbol: the one place that all copies know. */
const place = Symbol.for('watermill.copies.1');
const home = globalThis as { [place]?: Copies };
home[place] ??= { versions: new Set(), makers: new WeakMap(), shared: new Map() };
const copies: Copies = home[place];

/** As in package.json, for a bundle, which has that no longer. */
const builtVersion = '0.1.0';

export const thisCopy: LoadedCopy = Object.freeze(findCopy());
copies.versions.add(thisCopy.version);

/**
 * What all copies of this version have in common: made by the first of them. So `instanceof` and `===` hold between them,
 * and cost what they always cost.
 */
export function shared<T>(name: string, make: () => T): T {
  const key = `${thisCopy.version} ${name}`;
  if (!copies.shared.has(key)) copies.shared.set(key, make());
  return copies.shared.get(key) as T;
}

/** The same for a class that users and copies hand to each other. */
export function sharedClass(name: string): <C extends Function>(cls: C) => C {
  return (cls) => shared(name, () => madeHere(cls));
}

/** Notes that this copy has made something that a mill may be given. */
export function madeHere<T extends object>(made: T): T {
  copies.makers.set(made, thisCopy);
  return made;
}

/** Notes that a class is this copy's, and so are its instances. */
export function ofThisCopy(cls: Function): void {
  madeHere(cls);
}

/** Whether any copy has made this. */
export function isMadeByAny(value: object): boolean {
  return copies.makers.has(value);
}

/** Whether there is more than one version: rare enough to look at everything then. */
export function areVersionsMixed(): boolean {
  return copies.versions.size > 1;
}

/** The copy of another version that has made this, or its class; undefined if there is none. */
export function otherVersionOf(value: object): LoadedCopy | undefined {
  if (!areVersionsMixed()) return undefined;
  const maker = copies.makers.get(value) ?? copies.makers.get(value.constructor);
  return maker !== undefined && maker.version !== thisCopy.version ? maker : undefined;
}

function findCopy(): LoadedCopy {
  // Not defined in a bundle of ES modules.
  const folder = typeof __dirname === 'string' ? path.resolve(__dirname, '../..') : 'a bundle';
  try {
    const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    if (name === 'watermill' && typeof version === 'string') return { version, path: folder };
  } catch {
    // In a bundle there is none.
  }
  return { version: builtVersion, path: folder };
}
