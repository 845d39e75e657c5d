import type { Source } from './faked-globals.js';
import type { FoundCase } from './found-case.js';

/** The probable kind of fault of a process, and what to do: sentences. */
export function likelyFault({ finding, schedule, plain, other }: FoundCase): string {
  const sources = new Set([...plain.sources, ...other.sources]);
  const surroundings = new Set([...plain.surroundings, ...other.surroundings]);
  const { batches, arrival, restMs = 0, pauseMs, ends, freeze, laterMs, random } = schedule;
  switch (finding.what) {
    case 'rejection':
    case 'exception':
      return 'The process starts something that it does not await. Await it, so that its failure is one of the call.';
    case 'standstill':
      return 'A call waits for something that never happens, such as another call. Do not let calls wait for each other.';
    case 'result changed':
    case 'results added':
      return 'The process does not await what fills its results. Await it before the results are returned.';
    case 'earlier result changed':
      return 'The process keeps what it has returned, and changes it in a later call, where that is lost. Return it when it is complete.';
    case 'same object':
      return 'The process fills one object again within a call. Make a new element for each result.';
    default:
  }
  if (freeze && finding.what === 'failure') return mutation;
  if (laterMs !== 0 && clocks.some((source) => surroundings.has(source)))
    return `The results depend on the clock${looks(sources, clocks)}. ${instead}`;
  if (random !== 0 && randoms.some((source) => surroundings.has(source)))
    return `The results depend on random numbers${looks(sources, randoms)}. ${instead}`;
  if (schedule.zone !== undefined) return `The results depend on the machine: ${machineUsed(sources)}`;
  if (freeze) return mutation;
  if (ends.length > 0) {
    const isOfFailing = ends.every(({ at }) => at === 'call fails after it ran');
    return isOfFailing
      ? 'The process keeps state of its own, which a call that failed has changed already when it is made again. Change nothing but what the call returns.'
      : 'The process keeps state of its own from call to call, in its instance or in a variable, which a run that continues does not have; or it changes elements. Use what the call is given: a group, a window.';
  }
  if (schedule.commitEvery !== undefined)
    return 'The results depend on when positions are committed, such as by mill.table(), which shows committed rows only. Use the table that is injected into the call.';
  if (pauseMs > 0 || restMs > 0)
    return `The results depend on the time that passes between elements${looks(sources, timers)}. ${instead}`;
  if (batches.length > 0 || arrival !== undefined) {
    return `The results depend on how many elements arrive at once, or on the order in which streams arrive: the process does not await a promise or a timer${looks(sources, timers)}, or keeps state of its own. Await it, and use what the call is given.`;
  }
  if (sources.has('node:crypto') || sources.has('crypto.getRandomValues()'))
    return `The results depend on random numbers${looks(sources, randoms)}. ${instead}`;
  if (sources.has('timers'))
    return `The results depend on which of several timers rings first${looks(sources, timers)}; or something outlives a run, such as a variable of a module. Await what is started, and use what the call is given.`;
  return 'Something outlives a run: a variable of a module, a static member, one instance that several mills share. Or the process has time or random numbers from somewhere else. Create it with each mill.';
}

const clocks: readonly Source[] = [
  'Date',
  'performance.now()',
  'performance.timeOrigin',
  'process.hrtime()',
  'process.uptime()',
];
const randoms: readonly Source[] = ['Math.random()', 'crypto.randomUUID()', 'crypto.getRandomValues()', 'node:crypto'];
const timers: readonly Source[] = ['timers'];
const machine: readonly Source[] = ['process.pid', 'os.hostname()'];

const mutation =
  'The process changes an element, which other calls share. Change a copy, or keep what you compute elsewhere.';

const instead = 'Take it from a field of an element instead.';

/** The use of a time zone is not noted: most methods of Date read it. */
function machineUsed(sources: ReadonlySet<Source>): string {
  const used = machine.filter((source) => sources.has(source));
  const inUtc = 'Use the UTC methods of Date, or name a zone in formats and in texts.';
  if (used.length === 0) return `the process uses its time zone. ${inUtc}`;
  return `the process uses ${used.join(' and ')}. ${instead} Or it uses its time zone. ${inUtc}`;
}

/** The sources that the process was seen to use. */
function looks(sources: ReadonlySet<Source>, relevant: readonly Source[]): string {
  const used = relevant.filter((source) => sources.has(source));
  return used.length === 0 ? '' : `: the process uses ${used.join(' and ')}`;
}
