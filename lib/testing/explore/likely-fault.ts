import type { Source } from './faked-globals.js';
import type { FoundCase } from './found-case.js';

/** What kind of fault a process probably has that shows this, and what to do: sentences. */
export function likelyFault({ finding, schedule, plain, other }: FoundCase): string {
  const sources = new Set([...plain.sources, ...other.sources]);
  const { batches, arrival, pauseMs, ends, freeze, laterMs, random } = schedule;
  switch (finding.what) {
    case 'rejection':
      return 'The process starts something that it does not await. Await it, so that its failure is one of the call.';
    case 'result changed':
    case 'results added':
      return 'The process does not await what fills its results. Await it before the results are returned.';
    case 'same object':
      return 'The process fills one object again within a call. Make an element of its own for each result.';
    default:
  }
  if (freeze && finding.what === 'failure') return mutation;
  if (laterMs > 0) return `The results depend on the clock${looks(sources, 'Date', 'performance.now()')}. ${instead}`;
  if (random !== 0) {
    return `The results depend on random numbers${looks(sources, 'Math.random()', 'crypto.randomUUID()')}. ${instead}`;
  }
  if (freeze) return mutation;
  if (ends.length > 0) {
    const isOfFailing = ends.every(({ at }) => at === 'call fails after it ran');
    return isOfFailing
      ? 'The process keeps state of its own, which a call that failed has changed already when it is made again. Change nothing but what the call returns.'
      : 'The process keeps state of its own from call to call, in its instance or in a variable, which a run that continues does not have; or it changes elements. Use what the call is given: a group, a window.';
  }
  if (pauseMs > 0)
    return `The results depend on the time that passes between elements${looks(sources, 'timers')}. ${instead}`;
  if (batches.length > 0 || arrival !== undefined) {
    return `The results depend on how many elements come at once, or on the order in which streams come: the process does not await a promise or a timer${looks(sources, 'timers')}, or keeps state of its own. Await it, and use what the call is given.`;
  }
  return 'Something outlives a run: a variable of a module, a static member, one instance that several mills share. Or the process has time or random numbers from somewhere else, such as node:crypto. Create it with each mill.';
}

const mutation =
  'The process changes an element, which other calls share. Change a copy, or keep what you compute elsewhere.';

const instead = 'Take it from a field of an element instead.';

/** What the process was seen to use. */
function looks(sources: ReadonlySet<Source>, ...relevant: readonly Source[]): string {
  const used = relevant.filter((source) => sources.has(source));
  return used.length === 0 ? '' : `: the process uses ${used.join(' and ')}`;
}
