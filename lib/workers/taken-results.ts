import type { MessageClass } from '../base/class.js';
import { encodeValue, givenFields } from '../joins/portable-value.js';
import { classesNamed, isMessageClass, schemaOf } from '../messages/index.js';
import { ResultTaker } from '../mill/process/take-results.js';
import { emitsOfWorker, type SentProcess, type WorkerResults } from './worker-task.js';

/** Made once: all calls of a thread are those of one process. */
let taker: ThreadResultTaker | undefined;

/** Takes the results in the return value of a call in a thread, like those of a process in the mill's own thread. */
export async function takenResults(returned: unknown, process: SentProcess): Promise<WorkerResults> {
  const results: unknown[] = [];
  const emit = (output: number, element: object): void => {
    const type = element.constructor as MessageClass<any>;
    const refused = (shown: string): Error =>
      new Error(`a result of ${type.name} has ${shown} in it, which cannot be sent to the mill`);
    results.push(encodeValue([output, givenFields(element, type)], refused));
  };
  taker ??= new ThreadResultTaker(process);
  const ended = await taker.take(returned, { emit });
  return { results, ended };
}

/** Recognizes results by the names of their classes. */
class ThreadResultTaker extends ResultTaker {
  private readonly names: readonly string[];

  constructor({ name, emits, reads }: SentProcess) {
    super({
      process: {
        name,
        emits: emits.map(({ className }) => namedLike(className)),
        owner: { what: 'none' },
        made: { emitsWith: emitsOfWorker },
      },
      reads: reads.flatMap(classesNamed),
      method: name,
      given: `${name} returned`,
    });
    this.names = emits.map(({ name }) => name);
  }

  protected override outputAt(prototype: object): number | undefined {
    const type = prototype.constructor;
    if (!isMessageClass(type)) return undefined;
    const output = this.names.indexOf(schemaOf(type).name);
    return output < 0 ? undefined : output;
  }
}

/** Stands for a class of the mill's thread, for errors. */
function namedLike(name: string): MessageClass<any> {
  return { [name]: class {} }[name] as MessageClass<any>;
}
