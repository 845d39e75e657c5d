import type { End, EndPlace, Schedule } from './schedule.js';

/** A schedule in words: one line, without a full stop. */
export function scheduleWords(schedule: Schedule): string {
  const { batches, arrival, restMs = 0, pauseMs, commitEvery, ends, again, freeze, laterMs, random, zone } = schedule;
  const words: string[] = [];
  if (batches.length > 0) words.push(`batches of ${inTurn(batches)}`);
  if (arrival !== undefined) words.push('batches that arrive one at a time, from the streams in a random order');
  if (restMs > 0) words.push(`${restMs} ms before each batch`);
  if (pauseMs > 0) words.push(`${pauseMs} ms of the mill's time before each batch`);
  if (commitEvery !== undefined) words.push(`a commit after every ${elements(commitEvery)}`);
  if (ends.length > 0) words.push(endsWords(ends, again));
  if (freeze) words.push('frozen elements');
  if (laterMs !== 0) words.push(`a system clock that is ${clockWords(laterMs)}, and moves on when it is read`);
  if (random !== 0) words.push('other random numbers');
  if (zone !== undefined) words.push(`another machine, in the time zone ${zone}`);
  return words.length === 0 ? 'the same run again, undisturbed' : words.join('; ');
}

const day = 86_400_000;

const placeWords: Readonly<Record<EndPlace, (nth: string) => string>> = {
  'stop in a call': (nth) => `is stopped in its ${nth} call`,
  'crash before results': (nth) => `crashes before it writes results for the ${nth} time`,
  'crash after results': (nth) => `crashes after it has written results for the ${nth} time`,
  'crash before a commit': (nth) => `crashes before its ${nth} commit`,
  'crash after a commit': (nth) => `crashes after its ${nth} commit`,
  'call fails before it runs': (nth) => `fails before its ${nth} call`,
  'call fails after it ran': (nth) => `fails at the end of its ${nth} call`,
};

function clockWords(laterMs: number): string {
  const ms = Math.abs(laterMs);
  const [amount, unit] = ms < day ? [ms, 'ms'] : [(ms / day).toFixed(1), 'days'];
  return `${amount} ${unit} ${laterMs > 0 ? 'further' : 'behind'}`;
}

function endsWords(ends: readonly End[], again: boolean): string {
  const each = ends.map(({ at, number }, i) => {
    const who = i === 0 ? 'a run' : 'the next';
    return `${who} ${placeWords[at](nth(number))}`;
  });
  return `${each.join(', ')}, and ${again ? 'so does every run after it, each continuing' : 'another continues'}`;
}

function nth(number: number): string {
  const endings: Record<number, string> = { 1: 'st', 2: 'nd', 3: 'rd' };
  return `${number}${Math.floor((number % 100) / 10) === 1 ? 'th' : (endings[number % 10] ?? 'th')}`;
}

function inTurn(batches: readonly number[]): string {
  if (batches.length === 1) return elements(batches[0]!);
  return `${batches.join(', ')} elements in turn`;
}

function elements(count: number): string {
  return count === 1 ? '1 element' : `${count} elements`;
}
