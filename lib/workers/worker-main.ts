import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { WaterMillError } from '../base/watermill-error.js';
import { decodeValue } from '../joins/portable-value.js';
import { classesNamed } from '../messages/index.js';
import { asMisuse, isMisuse } from '../mill/process/no-result.js';
import { sentError } from './sent-error.js';
import { takenResults } from './taken-results.js';
import type { WorkerAnswer, WorkerTask } from './worker-task.js';

// Runs in the worker threads of `workerProcess`: loads the module, decodes the arguments of a call, and returns its
// results.

type ModuleFunction = (...args: unknown[]) => unknown;

const loaded = new Map<string, Promise<ModuleFunction>>();

export default async function work({ module, call }: WorkerTask): Promise<WorkerAnswer | undefined> {
  let callee: ModuleFunction;
  try {
    callee = await loadedOnce(module);
  } catch (error) {
    return { thrown: sentError(error), by: 'module' };
  }
  try {
    if (call === undefined) return undefined;
    const args = decodeValue(call.args, restored) as unknown[];
    return await takenResults(callee(...args), call.process);
  } catch (error) {
    return { thrown: sentError(error), by: isMisuse(error) ? 'misuse' : 'call' };
  }
}

function loadedOnce(module: string): Promise<ModuleFunction> {
  let fn = loaded.get(module);
  if (fn === undefined) {
    fn = load(module);
    loaded.set(module, fn);
  }
  return fn;
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
  const sentence = `workerProcess: the module loads ${classes.length} classes called ${name}: which one an element belongs to is not known. Give them different names.`;
  throw asMisuse(new WaterMillError('WM_WORKER', sentence, { message: name }));
}
