import { shownText } from '../../base/shown-text.js';
import { reasonOf } from '../../base/thrown.js';
import type { Difference } from '../replay.js';
import type { Changed } from './changed-result.js';
import type { Source } from './faked-globals.js';
import { StandsStill } from './standstill.js';
import type { UnhandledErrors, UnhandledKind } from './unhandled-errors.js';

/** The outcome of the runs of a schedule. */
export interface Outcome {
  /** The lines of each output. */
  readonly results: ReadonlyMap<string, readonly string[]>;
  /** The reason why the mill failed, if the schedule did not cause it. */
  readonly failure: { readonly error: unknown; readonly text: string } | undefined;
  readonly changed: Changed | undefined;
  /** An unhandled rejection of a promise, or an uncaught exception. */
  readonly unhandled: UnhandledErrors['first'];
  /** The sources that calls read in addition to their arguments. */
  readonly sources: ReadonlySet<Source>;
  /** The sources that calls, or any other code that ran in the meantime, read. */
  readonly surroundings: ReadonlySet<Source>;
}

/** The fault of a mill. */
export type Finding =
  | { readonly what: 'other results'; readonly difference: Difference }
  | { readonly what: 'failure' | UnhandledKind | 'standstill'; readonly text: string }
  | Changed;

/** The fault in an outcome compared to the undisturbed one, or one that no run may have. */
export function findingIn(plain: Outcome, other: Outcome): Finding | undefined {
  const { unhandled, changed, failure } = other;
  if (unhandled !== undefined) return { what: unhandled.kind, text: unhandled.text };
  if (changed !== undefined) return changed;
  if (failure !== undefined) {
    const what = failure.error instanceof StandsStill ? 'standstill' : 'failure';
    return { what, text: failure.text };
  }
  const difference = differenceOf(plain.results, other.results);
  return difference === undefined ? undefined : { what: 'other results', difference };
}

/** A fault in words: one sentence without its full stop. */
export function findingWords(finding: Finding): string {
  switch (finding.what) {
    case 'other results': {
      const { stream, at, expected, found } = finding.difference;
      return `result ${at} of ${stream} was ${shown(found)}, but ${shown(expected)} where nothing was disturbed`;
    }
    case 'failure':
      return `the mill failed, but not where nothing was disturbed: ${shownText(reasonOf(finding.text), 500)}`;
    case 'standstill':
      return `the mill is stuck, but not where nothing was disturbed: ${shownText(reasonOf(finding.text), 500)}`;
    case 'rejection':
      return `a promise was rejected and not handled: ${shownText(reasonOf(finding.text), 500)}`;
    case 'exception':
      return `an error was thrown and not caught, in a callback: ${shownText(reasonOf(finding.text), 500)}`;
    case 'result changed':
      return `a result was changed after its call was over: it was written as ${text(finding.before)}, and became ${text(finding.after)}`;
    case 'earlier result changed':
      return `a call changed a result of an earlier one: it was written as ${text(finding.before)}, and became ${text(finding.after)}`;
    case 'results added':
      return `the array that a call had returned was changed after the call was over: it had ${finding.before}, and then ${finding.after}`;
    case 'same object':
      return `a call returned the same object more than once, so these results are all ${text(finding.before)}`;
  }
}

function differenceOf(
  expected: ReadonlyMap<string, readonly string[]>,
  found: ReadonlyMap<string, readonly string[]>,
): Difference | undefined {
  for (const stream of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted, given] = [expected.get(stream) ?? [], found.get(stream) ?? []];
    for (let at = 0; at < Math.max(wanted.length, given.length); at++) {
      if (wanted[at] !== given[at]) return { stream, at, expected: parsed(wanted[at]), found: parsed(given[at]) };
    }
  }
  return undefined;
}

function parsed(line: string | undefined) {
  return line === undefined ? undefined : JSON.parse(line);
}

function shown(element: unknown): string {
  return element === undefined ? 'missing' : text(JSON.stringify(element));
}

function text(line: string): string {
  return shownText(line, 200);
}
