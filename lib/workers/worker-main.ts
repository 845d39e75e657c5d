import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { forEachValue } from '../base/iterator-result.js';
import { shownValue } from '../base/shown-value.js';
import { decodeValue, encodeValue } from '../joins/portable-value.js';
import { EndOfStream } from '../messages/end-of-stream.js';
import { classesNamed } from '../messages/index.js';
import { sentError } from './sent-error.js';
import type { WorkerAnswer, WorkerTask } from './worker-task.js';

// Runs in the worker threads of `workerProcess`: loads the module, decodes the arguments of a call, and returns its
// results.

type ModuleFunction = (...args: unknown[]) => unknown;

const loaded = new Map<string, Promise<ModuleFunction>>();

export default async function work({ module, args }: WorkerTask): Promise<WorkerAnswer | undefined> {
  try {
    let fn = loaded.get(module);
    if (fn === undefined) {
      fn = load(module);
      loaded.set(module, fn);
    }
    const call = await fn;
    if (args === undefined) return undefined;
    return await answerOf(call(...(decodeValue(args, restored) as unknown[])));
  } catch (error) {
    return { thrown: sentError(error) };
  }
}

async function load(module: string): Promise<ModuleFunction> {
  const url = module.startsWith('file:') ? module : pathToFileURL(path.resolve(module)).href;
  // The compiler would turn `import()` into `require`, which loads no ES module.
  const load = new Function('url', 'return import(url)') as (url: string) => Promise<any>;
  const { default: found } = await load(url);
  // The default export of compiled CommonJS is inside the module's default export.
  const fn = typeof found === 'function' ? found : found?.default;
  if (typeof fn !== 'function') throw new Error('it has no default export that is a function');
  return fn;
}

/** The class of an element; undefined if the module does not load it: it gets an object with the same fields. */
function restored(name: string): ReturnType<typeof classesNamed>[number] | undefined {
  const classes = classesNamed(name);
  if (classes.length < 2) return classes[0];
  throw new Error(
    `the module loads ${classes.length} classes called ${name}: which one an element belongs to is not known. Give them different names`,
  );
}

async function answerOf(returned: unknown): Promise<WorkerAnswer> {
  const given = await returned;
  const results: unknown[] = [];
  const isList =
    typeof given === 'object' && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (isList) await forEachValue(given as AsyncIterable<unknown>, noStep, (each) => void results.push(each));
  else results.push(given);
  const ended = results.at(-1) instanceof EndOfStream;
  if (ended) results.pop();
  return { results: encodeValue(results, refused), ended };
}

function noStep(step: unknown): Error {
  return new Error(`it returned a broken iterator: its next() returned ${shownValue(step)}, expected { value, done }`);
}

function refused(shown: string): Error {
  return new Error(`it returned ${shown}, which cannot be sent: return elements of message classes`);
}
