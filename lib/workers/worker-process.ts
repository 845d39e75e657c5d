import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Class, MessageClass } from '../base/class.js';
import { madeHere } from '../base/loaded-copies.js';
import { unknownOption } from '../base/option-names.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { decodeValue, encodeValue } from '../joins/portable-value.js';
import type { Source, SourceArgs } from '../joins/source-args.js';
import { EndOfStream } from '../messages/end-of-stream.js';
import { addClassesIn, classesNamed, message, schemaOf } from '../messages/index.js';
import type { ProcessFunctionDescription } from '../mill/plan/find/process-description.js';
import type { MadeProcess, OpenProcess } from '../mill/plan/made-process.js';
import { asMisuse } from '../mill/process/no-result.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import type { OnError } from '../mill/process/process-options.js';
import type { Results } from '../mill/process/results.js';
import { WorkerPool } from './worker-pool.js';
import { emitsOfWorker, type SentProcess } from './worker-task.js';

/** A module whose default export is known to the compiler. Made by `workerModule`. */
export interface WorkerModule<out M> {
  readonly url: URL | string;
  /** Carries types only; never set. */
  readonly '~module'?: M;
}

/**
 * The required type of the default export of a worker's module.
 *
 * @example export default ((photo) => message(Label, { … })) satisfies WorkerFunction<typeof Photo, [typeof Label]>;
 */
export type WorkerFunction<S, E extends readonly MessageClass<any>[]> = (
  ...args: SourceArgs<S>
) => Results<InstanceType<E[number]>>;

/** The module to call, and how it is called. */
export interface WorkerProcessOptions<S, E extends readonly MessageClass<any>[]> {
  /**
   * The URL or the path of a JavaScript file (relative to the current directory) that exists when the mill runs; or
   * `workerModule<typeof import('./label.js')>(url)`, so that the compiler checks its default export.
   */
  readonly module: URL | string | WorkerModule<{ readonly default: WorkerFunction<S, NoInfer<E>> }>;
  /** The number of threads. Default: one less than the machine can run at once, for the mill itself. */
  readonly threads?: number;
  /** The classes of the results. Default: none. */
  readonly emits?: E;
  /** What to do if a call throws, or its thread ends. Default: `fail`. */
  readonly onError?: OnError;
}

/**
 * A module for `workerProcess`, with the type of its default export: `workerModule<typeof import('./label.js')>(url)`.
 */
export function workerModule<M extends { readonly default: (...args: any[]) => unknown }>(
  url: URL | string,
): WorkerModule<M> {
  return Object.freeze({ url });
}

/**
 * A process whose function is the default export of a module, called in worker threads: for CPU-bound work. Up to twice
 * as many calls are in progress as there are threads; results keep the order of the calls, as with `concurrency`.
 *
 * Elements, groups and results are copied between threads by their fields. In the thread they are instances of their
 * classes if the module loads these (a plain `import './messages.js'` is sufficient); otherwise they are objects with
 * the same fields. Threads are started when the mill runs, and end with it in any case. Requires the package piscina.
 *
 * Running rejects with `WM_WORKER` if piscina is missing, if the module cannot be loaded or has no such export, or if
 * the arguments of a call cannot be sent.
 *
 * @example workerProcess(Photo, { module: new URL('./label.js', import.meta.url), threads: 4, emits: [Label] })
 */
export function workerProcess<S extends Source, const E extends readonly MessageClass<any>[] = []>(
  source: S,
  options: WorkerProcessOptions<S, E>,
): ProcessFunction<S> {
  const { module, threads = Math.max(1, availableParallelism() - 1), emits = [], onError } = checked(options);
  const place = pathOf(module);
  const name = `the worker ${place}`;
  const made: MadeProcess = {
    name,
    lines: [`worker threads, up to ${threads}: ${place}`],
    clockUses: [],
    holdsBack: false,
    oneLane: undefined,
    emitsWith: emitsOfWorker,
    open: (reads) => openWorkers(place, threads, { name, emits: emits as readonly MessageClass<any>[], reads }),
  };
  const description: ProcessFunctionDescription = {
    what: 'process',
    source,
    options: Object.freeze({ emits, concurrency: 2 * threads, ...(onError !== undefined && { onError }) }),
    fn: () => undefined,
    made: Object.freeze(made),
  };
  return madeHere(Object.freeze(description)) as unknown as ProcessFunction<S>;
}

interface WorkerClasses {
  readonly name: string;
  readonly emits: readonly MessageClass<any>[];
  readonly reads: readonly MessageClass<any>[];
}

async function openWorkers(
  module: string,
  threads: number,
  { name, emits, reads }: WorkerClasses,
): Promise<OpenProcess> {
  const pool = await WorkerPool.open(module, threads);
  const process: SentProcess = {
    name,
    emits: emits.map((each) => ({ name: schemaOf(each).name, className: each.name })),
    reads: reads.map((each) => schemaOf(each).name),
  };
  const nested = nestedClasses(emits);
  const notSent = (shown: string) => refused(`${module} gets ${shown}, which cannot be sent to a worker thread`);
  const fn = async (...args: unknown[]): Promise<unknown> => {
    const { results, ended } = await pool.call({ args: encodeValue(args, notSent), process });
    const elements: object[] = results.map((result) => {
      const [output, fields] = decodeValue(result, nested) as [number, object];
      return message(emits[output] as MessageClass<any>, fields);
    });
    return ended ? [...elements, new EndOfStream()] : elements;
  };
  return { forLane: () => ({ fn }), close: () => pool.close() };
}

/** Finds the classes of elements inside of results: those of their fields, and those that extend them. */
function nestedClasses(emits: readonly MessageClass<any>[]): (name: string) => MessageClass<any> {
  const known = new Set<Class>();
  for (const each of emits) addClassesIn(each, known);
  return (name) => {
    const declared = [...known].filter((each) => schemaOf(each).name === name);
    const found = declared.length > 0 ? declared : classesNamed(name);
    if (found.length === 1) return found[0] as MessageClass<any>;
    const why = found.length === 0 ? 'the mill loads no such class' : 'the mill loads several classes of this name';
    throw asMisuse(
      refused(`a result has an element of ${name} in it, and ${why}. Let one class with @Message have that name`),
    );
  };
}

function refused(sentence: string): WaterMillError {
  return new WaterMillError('WM_WORKER', `workerProcess: ${sentence}.`);
}

function checked<S, E extends readonly MessageClass<any>[]>(options: WorkerProcessOptions<S, E>) {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw refused(`expected { module, threads, emits, onError }, found ${shownValue(options)}`);
  if ('inject' in options) {
    throw refused('there is no option "inject": nothing is injected into a thread; let the module make what it needs');
  }
  const unknown = unknownOption(options, ['module', 'threads', 'emits', 'onError']);
  if (unknown !== undefined) {
    throw new WaterMillError('WM_WORKER', `workerProcess ${unknown.sentence}`, unknown.details);
  }
  const { threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw refused(`threads: expected a whole number, at least 1, found ${shownValue(threads)}`);
  }
  return options;
}

function pathOf(module: unknown): string {
  const isModule = typeof module === 'object' && module !== null && !(module instanceof URL) && 'url' in module;
  const url = isModule ? module.url : module;
  const text = url instanceof URL ? url.href : url;
  if (typeof text !== 'string' || text === '')
    throw refused(`module: expected a URL or a path, found ${shownValue(module)}`);
  return text.startsWith('file:') ? fileURLToPath(text) : text;
}
