import { listed } from '../../../base/shown-text.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { describeValue } from '../in-words.js';
import type { MadeProcess } from '../made-process.js';
import type { ProcessOwner } from '../plan.js';
import {
  type AtEndNote,
  collectNotes,
  type ProcessFunctionDescription,
  type ProcessSettings,
  type TokenNote,
  type UnmatchedNote,
} from './process-description.js';

/** A process: a method with the class's notes, or a function. */
export type FoundProcess = FoundMethod | FoundFunction;

export interface FoundMethod {
  readonly what: 'method';
  /** `SpeedMeter.measure`. */
  readonly name: string;
  readonly className: string;
  readonly owner: ProcessOwner;
  readonly callee: string | symbol;
  readonly prototype: object;
  readonly source: unknown;
  readonly settings: ProcessSettings;
  readonly unmatched: readonly UnmatchedNote[];
  readonly atEnd: readonly AtEndNote[];
  readonly tokens: readonly TokenNote[];
}

export interface FoundFunction {
  readonly what: 'function';
  readonly name: string;
  readonly owner: ProcessOwner;
  readonly callee: Function;
  readonly source: unknown;
  readonly settings: ProcessFunctionDescription['options'];
  readonly made: MadeProcess | undefined;
}

/** Finds the function to call in a class, an instance or a `processFunction`. */
export function findProcess(process: unknown): FoundProcess {
  if (isProcessFunction(process)) return foundFunction(process);
  if (typeof process === 'function' && process.prototype != null) {
    return findMethod(process.prototype, { what: 'class', class: process as any }, describeValue(process));
  }
  if (typeof process === 'object' && process !== null && !('what' in process) && !Array.isArray(process)) {
    return findMethod(Object.getPrototypeOf(process), { what: 'instance', instance: process }, describeValue(process));
  }
  if ((process as { what?: unknown } | null | undefined)?.what === 'flow without an end') {
    throw new WaterMillError(
      'WM_PROCESS_MISSING',
      'process: found a flow that is not finished. End it with .to(Result), the class of its results.',
    );
  }
  const fix =
    typeof process === 'function'
      ? 'Wrap it, so that its source is known: processFunction(tree, { emits: [Result] }, fn).'
      : 'A join tree or a stream goes next to it, as joinTree or stream.';
  throw new WaterMillError(
    'WM_PROCESS_MISSING',
    `process: expected a class with a @Process method, an instance of one, or a processFunction, found ${describeValue(process)}. ${fix}`,
  );
}

/** Recognized by its form, so that a function made by another copy of this package counts as well. */
function isProcessFunction(process: unknown): process is ProcessFunctionDescription {
  return typeof process === 'object' && process !== null && (process as { what?: unknown }).what === 'process';
}

function foundFunction(process: ProcessFunctionDescription): FoundFunction {
  const { fn, source, options, made } = process;
  const name = made?.name ?? (fn.name === '' ? 'the process function' : `the process function ${fn.name}`);
  return { what: 'function', name, owner: { what: 'none' }, callee: fn, source, settings: options, made };
}

function findMethod(prototype: object | null, owner: ProcessOwner, found: string): FoundMethod {
  const notes = collectNotes(prototype ?? {});
  const [note, ...more] = notes.processes;
  if (note === undefined || prototype === null) {
    throw new WaterMillError(
      'WM_PROCESS_MISSING',
      `process: ${found} has no method marked with @Process. Write @Process() above the method that the mill should call.`,
    );
  }
  const className = prototype.constructor.name;
  if (more.length > 0) {
    const methods = notes.processes.map((each) => String(each.key)).sort();
    throw new WaterMillError(
      'WM_PROCESS_SEVERAL',
      `process: the class ${className} has ${methods.length} methods marked with @Process, ${listed(methods)}. ` +
        'A mill calls one: leave @Process on that one, and make a class for each of the others.',
      { found: methods.join(', ') },
    );
  }
  return {
    what: 'method',
    name: `${className}.${String(note.key)}`,
    className,
    owner,
    callee: note.key,
    prototype,
    source: note.source,
    settings: note.options,
    unmatched: notes.unmatched,
    atEnd: notes.atEnd,
    tokens: notes.tokens,
  };
}
