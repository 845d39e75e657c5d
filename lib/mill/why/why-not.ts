import type { MessageClass } from '../../base/class.js';
import { namesakeAdvice } from '../../base/namesake.js';
import { unknownOption } from '../../base/option-names.js';
import { shownValue } from '../../base/shown-value.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Plan, PlanNode } from '../plan/plan.js';
import { foldElements } from '../process/fold-elements.js';
import { LaneReasons } from './lane-reasons.js';
import { readStreams } from './read-streams.js';
import type { ReadValue } from './traced-feed.js';
import { Why, type WhyElement } from './why.js';

/** The options of `why`. */
export interface WhyOptions {
  /** The maximum number of elements to explain. Default: 10. */
  readonly most?: number;
  /** The lane, if the broker has several: the number of a partition. Default: all lanes. */
  readonly lane?: string;
}

/** The element at a position of its stream, or those for which a function returns true. */
export type Which<T> = number | ((element: T) => boolean);

/** Reads the streams again, and explains the outcome of some elements. */
export async function whyNot<T>(
  plan: Plan,
  message: MessageClass<T>,
  which: Which<T>,
  options: WhyOptions = {},
): Promise<Why> {
  const { most, lane } = checkedOptions(options);
  const { nodes, window } = plan;
  const node = nodeOf(plan, message);
  const isMeant = meaning(which);
  const elements: WhyElement[] = [];
  let count = 0;
  let read = 0;
  const lanes = await readStreams(plan);
  if (lane !== undefined && !lanes.some((each) => each.lane === lane))
    throw wrong(`one of the lanes ${lanes.map((each) => each.lane).join(', ')}`, lane);
  for (const { lane: name, streams, ends } of lanes) {
    if (lane !== undefined && lane !== name) continue;
    const { values } = streams[node.index]!;
    read = Math.max(read, values.length);
    const meant = values.filter(isMeant);
    count += meant.length;
    if (meant.length === 0 || elements.length === most) continue;
    const reasons = new LaneReasons(name, { nodes, window, fold: foldElements(plan) }, streams, ends);
    for (const value of meant.slice(0, most - elements.length)) elements.push(reasons.why(node.index, value));
  }
  if (count === 0 && typeof which === 'number') throw noSuchPosition(node, which, read, lane);
  return new Why(node.name, node.input.label, count, elements);
}

function checkedOptions(options: WhyOptions): { most: number; lane: string | undefined } {
  if (typeof options !== 'object' || options === null) throw wrong('options { most, lane }', options);
  const unknown = unknownOption(options, ['most', 'lane']);
  if (unknown !== undefined) throw new WaterMillError('WM_WHY', `why() ${unknown.sentence}`, unknown.details);
  const { most = 10, lane } = options;
  if (!(Number.isSafeInteger(most) && most >= 1)) throw wrong('most of 1 or more, a whole number', most);
  if (lane !== undefined && typeof lane !== 'string') throw wrong('the name of a lane as a text', lane);
  return { most, lane };
}

function nodeOf({ nodes }: Plan, message: MessageClass<any>): PlanNode {
  const node = nodes.find((each) => each.message === message);
  if (node !== undefined) return node;
  const expected = `a class that the mill reads (${nodes.map(({ name }) => name).join(', ')})`;
  throw wrong(
    expected,
    message,
    namesakeAdvice(
      message,
      nodes.map((each) => each.message),
    ),
  );
}

function meaning(which: unknown): (value: ReadValue) => boolean {
  if (typeof which === 'function') {
    return ({ element }) => {
      const answer: unknown = element !== undefined && which(element);
      if (typeof answer === 'boolean') return answer;
      // A promise, for example, would select no element.
      throw wrong('a function that returns true or false', answer);
    };
  }
  if (Number.isSafeInteger(which) && (which as number) >= 0) return ({ position }) => position === which;
  throw wrong('a position of 0 or more, or a function that picks elements', which);
}

function noSuchPosition({ name, input }: PlanNode, position: number, read: number, lane?: string): WaterMillError {
  const found = `${read} ${read === 1 ? 'element' : 'elements'}`;
  const where = lane === undefined ? input.label : `lane ${lane} of ${input.label}`;
  const sentence = `why(): there is no ${name} at position ${position} of ${where}, which has ${found}. Positions begin at 0.`;
  const details = { message: name, stream: input.label, position, expected: 'a position of an element', found };
  return new WaterMillError('WM_WHY', sentence, details);
}

function wrong(expected: string, value: unknown, advice?: string): WaterMillError {
  const found = shownValue(value);
  const remedy = advice === undefined ? '' : ` ${advice}.`;
  return new WaterMillError('WM_WHY', `why(): expected ${expected}, found ${found}.${remedy}`, { expected, found });
}
