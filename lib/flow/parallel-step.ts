import { type FlowCall, isPromise, type Push } from './flow-call.js';
import type { FlowStep } from './flow-steps.js';

/** Calls a function with up to this many values concurrently, and passes the results on in the order of the values. */
export function parallelStep({ calls, fn }: FlowStep & { what: 'parallel' }, next: Push, index: number): Push {
  /**
   * The number of slots in use, and the calls that wait for one: a slot is handed over directly, so that no other call
   * takes it in between.
   */
  let inUse = 0;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const first = waiting.shift();
    if (first === undefined) inUse--;
    else first();
  };
  const unlessFailed: Push = (given, key, call) => (call.hasFailed ? undefined : next(given, key, call));
  const called = (value: any, key: any): unknown => {
    try {
      const given = fn(value, key);
      if (isPromise(given)) given.then(release, release);
      else release();
      return given;
    } catch (error) {
      release();
      throw error;
    }
  };
  const start = (value: any, key: any, call: FlowCall): void | Promise<void> => {
    const given = called(value, key);
    const tail = call.tails[index];
    if (tail === undefined && !isPromise(given)) return next(given, key, call);
    const inTurn = (tail ?? Promise.resolve()).then(async () => unlessFailed(await given, key, call));
    call.tails[index] = inTurn;
    // A failure is reported when all earlier values are done.
    inTurn.catch(() => {});
    return undefined;
  };
  return (value, key, call) => {
    if (inUse < calls) {
      inUse++;
      return start(value, key, call);
    }
    return new Promise<void>((resolve) => waiting.push(resolve)).then(() =>
      call.hasFailed ? release() : start(value, key, call),
    );
  };
}
