import { pick, seeded } from './seeded.js';

/** The circumstances of a mill's calls: everything that must not affect its results. JSON. */
export interface Schedule {
  /** The sizes of a stream's batches, in turn, repeatedly. Empty: a stream is one batch. */
  readonly batches: readonly number[];
  /** The seed for the order in which streams deliver: values arrive later than requested, one batch at a time. */
  readonly arrival?: number;
  /** Milliseconds of the mill's time that pass before each batch. */
  readonly pauseMs: number;
  /** A commit after this many master elements. Undefined: only at the end of a run. */
  readonly commitEvery?: number;
  /** The early ends of runs; the next run continues. */
  readonly ends: readonly End[];
  /** The last of them is repeated, until the mill reaches the end. */
  readonly again: boolean;
  /** A call that changes an element fails. */
  readonly freeze: boolean;
  /** `Date` and `performance.now()` are this many milliseconds ahead or behind, and advance whenever they are read. */
  readonly laterMs: number;
  /** The seed of random numbers: those of 1 are mostly close to 0, those of 2 mostly close to 1. */
  readonly random: number;
  /** Milliseconds of real time before each batch, if the process sets timers. */
  readonly restMs?: number;
  /** The time zone of another machine, with a host name and a process id of its own. Undefined: this machine. */
  readonly zone?: string;
}

/** The place at which a run ends: when it is reached for the n-th time, from 1 on. */
export interface End {
  readonly at: EndPlace;
  readonly number: number;
}

export type EndPlace =
  | 'stop in a call'
  | 'crash before results'
  | 'crash after results'
  | 'crash before a commit'
  | 'crash after a commit'
  | 'call fails before it runs'
  | 'call fails after it ran';

/** No disturbance: every other run must have the results of this one. */
export const undisturbed: Schedule = {
  batches: [],
  pauseMs: 0,
  ends: [],
  again: false,
  freeze: false,
  laterMs: 0,
  random: 0,
};

const day = 86_400_000;

/** About forty years: with a different day of the week, month, half of the day, hour and minute. */
const [ahead, behind] = [14_800 * day + 49_061_500, -14_799 * day - 33_739_500];

/** Far from each other and from most machines: with a different date, hour and minute. */
const zones = ['Pacific/Chatham', 'Pacific/Marquesas'];

/** The maximum number of repeated ends: each costs a mill. */
export const mostEnds = 48;

/**
 * Schedules with one kind of disturbance each, everywhere: they show most faults, and are easy to describe and to
 * shrink. Runs that end repeatedly do so after enough elements to reach the end of this many.
 */
export function plainSchedules(elements: number): readonly Schedule[] {
  const step = Math.max(1, Math.ceil(elements / mostEnds));
  const again = (at: EndPlace, number: number): Schedule => ({
    ...undisturbed,
    batches: [step],
    commitEvery: step,
    // The process ends the stream before the first place, and then after a step, so that the mill makes progress.
    ends: [number, step + number].map((number) => ({ at, number })),
    again: true,
  });
  return [
    undisturbed,
    { ...undisturbed, laterMs: ahead },
    { ...undisturbed, laterMs: behind },
    { ...undisturbed, random: 1 },
    { ...undisturbed, random: 2 },
    { ...undisturbed, random: 3 },
    ...zones.map((zone) => ({ ...undisturbed, zone })),
    { ...undisturbed, freeze: true },
    { ...undisturbed, batches: [1] },
    // Before the schedule without rests, in which timers fire or not depending on the load of the machine.
    { ...undisturbed, batches: [1], arrival: 1, restMs: 5 },
    { ...undisturbed, batches: [1], arrival: 1 },
    { ...undisturbed, batches: [1], arrival: 1, pauseMs: 60_000 },
    again('stop in a call', 1),
    { ...again('crash after a commit', 1), ends: [{ at: 'crash after a commit', number: 1 }] },
    { ...again('crash before a commit', 1), ends: [1, 2].map((number) => ({ at: 'crash before a commit', number })) },
    { ...again('crash after results', 1), ends: [1, 2].map((number) => ({ at: 'crash after results', number })) },
    again('call fails before it runs', 1),
    again('call fails after it ran', 1),
  ];
}

const places: readonly EndPlace[] = [
  'stop in a call',
  'crash before results',
  'crash after results',
  'crash before a commit',
  'crash after a commit',
  'call fails before it runs',
  'call fails after it ran',
];

/** Combines several disturbances, by a seed. */
export function randomSchedule(seed: number): Schedule {
  const numbers = seeded(seed);
  const upTo = (most: number): number => 1 + Math.floor(numbers() * most);
  const chance = (probability: number): boolean => numbers() < probability;
  const several = <T>(most: number, make: () => T): T[] => Array.from({ length: upTo(most) }, make);
  const few = pick(numbers, [3, 10, 40]);
  return {
    batches: chance(0.1) ? [] : several(4, () => upTo(pick(numbers, [1, 4, 12]))),
    ...(chance(0.6) && { arrival: upTo(1_000_000) }),
    pauseMs: pick(numbers, [0, 0, 1, 700, 5_000, 3_600_000]),
    ...(chance(0.9) && { commitEvery: upTo(pick(numbers, [1, 3, 10])) }),
    ends: chance(0.15) ? [] : several(4, () => ({ at: pick(numbers, places), number: upTo(few) })),
    again: chance(0.08),
    freeze: chance(0.3),
    laterMs: pick(numbers, [0, 1, 1_000, day, upTo(ahead), -upTo(ahead)]),
    random: chance(0.5) ? 0 : upTo(1_000_000),
  };
}

/** Simpler schedules, the simplest first. */
export function simpler(schedule: Schedule): Schedule[] {
  const { arrival: _a, ...ready } = schedule;
  const { restMs: _r, ...restless } = schedule;
  const { commitEvery: _c, ...uncommitted } = schedule;
  const { zone: _z, ...here } = schedule;
  const candidates: Schedule[] = [
    { ...schedule, ends: [], again: false },
    ...(schedule.again ? [1, 2, 3, 4].map((number) => oneEnd(schedule, number)) : []),
    { ...schedule, again: false },
    ...schedule.ends.map((_, i) => ({ ...schedule, ends: schedule.ends.filter((_, j) => j !== i) })),
    { ...schedule, laterMs: 0 },
    { ...schedule, random: 0 },
    here,
    { ...schedule, freeze: false },
    { ...schedule, pauseMs: 0 },
    restless,
    ready,
    { ...schedule, batches: [] },
    { ...schedule, batches: [1] },
    uncommitted,
    { ...schedule, commitEvery: 1 },
  ];
  const now = weightOf(schedule);
  return candidates.filter((candidate) => weightOf(candidate) < now);
}

/** The complexity of a schedule. */
function weightOf(schedule: Schedule): number {
  const { batches, arrival, restMs = 0, pauseMs, commitEvery, ends, again, freeze, laterMs, random, zone } = schedule;
  const isThere = [
    arrival !== undefined,
    restMs > 0,
    pauseMs > 0,
    freeze,
    laterMs !== 0,
    random !== 0,
    zone !== undefined,
  ].filter(Boolean).length;
  const ofBatches = batches.length + (batches.length === 1 && batches[0] === 1 ? 0 : Math.sign(batches.length));
  const ofCommits = commitEvery === undefined ? 0 : commitEvery === 1 ? 1 : 2;
  return isThere + ofBatches + ofCommits + 2 * ends.length + (again ? 3 : 0);
}

function oneEnd(schedule: Schedule, number: number): Schedule {
  const last = schedule.ends.at(-1);
  return { ...schedule, again: false, ends: last === undefined ? [] : [{ ...last, number }] };
}
