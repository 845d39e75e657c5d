import { shownText } from '../../base/shown-text.js';
import type { NodeProgress, Progress } from './progress.js';
import { inSeconds, type Waiting } from './waiting.js';

/** Shorter waits are not shown. */
const newsMs = 1_000;

const longNames = 60;

/** The progress of a mill in one line: the total, the pace, each stream, the calls, and what it is waiting for. */
export function progressText(progress: Progress, perSecond: number): string {
  const { fraction, nodes, calls, openCalls } = progress;
  const parts = [
    ...(fraction === undefined ? [] : [percent(fraction)]),
    `${count(perSecond)}/s`,
    ...nodes.map(nodeText),
    `${count(calls)} calls${openCalls === 0 ? '' : `, ${count(openCalls)} open`}`,
    ...progress.waiting.filter(({ isHeldUp, forMs }) => isHeldUp && forMs >= newsMs).map(waitingText),
  ];
  return parts.join('  ');
}

function nodeText({ name, read, fraction, late, bad }: NodeProgress): string {
  const notes = [
    ...(fraction === undefined ? [] : [percent(fraction)]),
    ...(late === 0 ? [] : [`${count(late)} late`]),
    ...(bad === 0 ? [] : [`${count(bad)} bad`]),
  ];
  return `${shownText(name, longNames)} ${count(read)}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

const others = { call: 'a call', saves: 'results to be saved', output: 'the output' };

function waitingText({ for: what, awaited, forMs }: Waiting): string {
  const whom = what === 'input' ? awaited.map((name) => shownText(name, longNames)).join(' or ') : others[what];
  return `waits for ${whom}, ${inSeconds(forMs)}`;
}

/** 100 % is shown only if everything was read. */
function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}
