import { type FlowStep, isPromise, type Push } from './flow-steps.js';

/** Calls a function with up to so many values at once, and gives the results on in the order of the values. */
export function parallelStep({ calls, fn }: FlowStep & { what: 'parallel' }, next: Push, index: number): Push {
  let inProgress = 0;
  const waiting: (() => void)[] = [];
  const isDone = (): void => {
    inProgress--;
    waiting.shift()?.();
  };
  const start = (value: any, key: any, call: Parameters<Push>[2]): void | Promise<void> => {
    const given = fn(value, key);
    const tail = call.tails[index];
    if (!isPromise(given)) {
      if (tail === undefined) return next(given, key, call);
      call.tails[index] = tail.then(() => next(given, key, call));
      return undefined;
    }
    inProgress++;
    given.then(isDone, isDone);
    call.tails[index] = (tail ?? Promise.resolve()).then(async () => next(await given, key, call));
    // What fails before its turn is reported when that comes.
    call.tails[index].catch(() => {});
    return undefined;
  };
  return (value, key, call) => {
    if (inProgress < calls) return start(value, key, call);
    return new Promise<void>((resolve) => waiting.push(resolve)).then(() => start(value, key, call));
  };
}
