import type { Class, MessageClass } from '../../../base/class.js';
import type { MadeProcess } from '../made-process.js';

/** The notes of `@Process`, `@Unmatched`, `@AtEnd` and `@Inject` on a class. They are checked when a mill is made. */
export interface ProcessNotes {
  readonly processes: MethodNote[];
  readonly unmatched: UnmatchedNote[];
  readonly atEnd: AtEndNote[];
  readonly tokens: TokenNote[];
}

/** A method marked with `@Process`. */
export interface MethodNote {
  readonly key: string | symbol;
  readonly source: unknown;
  readonly options: ProcessSettings;
}

/** A method marked with `@Unmatched`. */
export interface UnmatchedNote {
  readonly key: string | symbol;
  readonly message: unknown;
}

/** A method marked with `@AtEnd`. */
export interface AtEndNote {
  readonly key: string | symbol;
}

/** A parameter marked with `@Inject`. */
export interface TokenNote {
  readonly key: string | symbol;
  readonly index: number;
  readonly token: unknown;
}

/** The options of a process in addition to its source, unchecked. */
export interface ProcessSettings {
  readonly emits?: readonly MessageClass<any>[];
  readonly inject?: readonly unknown[];
  readonly concurrency?: number;
  readonly onError?: 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };
}

/** The result of `processFunction`. */
export interface ProcessFunctionDescription {
  readonly what: 'process';
  readonly source: unknown;
  readonly options: ProcessSettings & {
    readonly unmatched?: readonly (readonly [Class, Function])[];
    readonly atEnd?: Function;
  };
  readonly fn: Function;
  /** Makes the function to call for each run and lane, instead of `fn`. */
  readonly made?: MadeProcess;
}

/** A registered symbol, so that two copies of this package in one program share the notes. */
const NOTES = Symbol.for('watermill:process-notes');

/** The notes of exactly this prototype, created on demand. */
export function notesOf(prototype: object): ProcessNotes {
  if (!Object.hasOwn(prototype, NOTES)) {
    const notes: ProcessNotes = { processes: [], unmatched: [], atEnd: [], tokens: [] };
    Object.defineProperty(prototype, NOTES, { value: notes });
  }
  return (prototype as { [NOTES]: ProcessNotes })[NOTES];
}

/** The notes of a prototype and its ancestors. A method hides one of the same name further up. */
export function collectNotes(prototype: object): ProcessNotes {
  const all: ProcessNotes = { processes: [], unmatched: [], atEnd: [], tokens: [] };
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at)) {
    if (!Object.hasOwn(at, NOTES)) continue;
    const own = notesOf(at);
    addHidden(all.processes, own.processes);
    addHidden(all.unmatched, own.unmatched);
    addHidden(all.atEnd, own.atEnd);
    all.tokens.push(...own.tokens);
  }
  return all;
}

function addHidden<N extends { readonly key: string | symbol }>(nearer: N[], further: readonly N[]): void {
  const hidden = new Set(nearer.map((note) => note.key));
  for (const note of further) if (!hidden.has(note.key)) nearer.push(note);
}
