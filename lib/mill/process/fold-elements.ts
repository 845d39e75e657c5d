import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { Joined } from '../../joins/joined.js';
import { copierOf, makeSnapshots } from '../../messages/copy.js';
import type { Plan, PlanNode } from '../plan/plan.js';
import { groupSlots } from './call-layout.js';
import type { CallRow } from './call-rows.js';
import { fillJoined } from './interpreted-call.js';

/**
 * The functions of a folded window, as called by a lane: with the groups of each element, and with errors that name the
 * element.
 */
export interface FoldElements {
  initial(value: unknown, position: number): unknown;
  add(accumulator: unknown, element: object, row: CallRow | undefined, position: number): unknown;
  copy(element: object): object;
}

/** Undefined if the plan's window is not folded. */
export function foldElements(plan: Plan): FoldElements | undefined {
  const { fold } = plan;
  if (fold === undefined) return undefined;
  const master = plan.nodes[0] as PlanNode;
  const { slots, joined } = groupSlots(plan);
  const snapshot = makeSnapshots();
  const groupsOf = (element: object, row: CallRow): Joined<object, object>[] => {
    const maps = Array.from({ length: joined }, () => new Joined<object, object>());
    fillJoined(slots, row, maps, element);
    return maps;
  };
  const notLater = (given: unknown, from: string, position: number): unknown => {
    if (!(given instanceof Promise)) return given;
    given.catch(() => {});
    throw foldFailed(master, position, `${from} returned a promise`);
  };
  return {
    initial: (value, position) => {
      let made: unknown;
      try {
        made = fold.initial(value);
      } catch (cause) {
        throw foldFailed(master, position, `initial threw: ${reasonOf(cause)}`, cause);
      }
      // `add` may change it, and `initial` may always return one object.
      return snapshot(notLater(made, 'initial', position));
    },
    add: (accumulator, element, row, position) => {
      let next: unknown;
      try {
        next =
          joined === 0
            ? fold.add(accumulator, element)
            : fold.add(accumulator, element, ...groupsOf(element, row as CallRow));
      } catch (cause) {
        throw foldFailed(master, position, `add threw: ${reasonOf(cause)}`, cause);
      }
      // Usually it is the given accumulator, modified.
      if (typeof next === 'object' && next === accumulator) return next;
      if (next === undefined && accumulator !== undefined) throw foldFailed(master, position, 'add returned nothing');
      return notLater(next, 'add', position);
    },
    copy: copierOf(master.message),
  };
}

function foldFailed({ name, input }: PlanNode, position: number, what: string, cause?: unknown): WaterMillError {
  return new WaterMillError(
    'WM_FOLD_FAILED',
    `${name} at position ${position} of ${input.label}: ${what} (foldWindow). Return the accumulator with the element in it, ` +
      'for every element of the stream.',
    { message: name, stream: input.label, position },
    cause === undefined ? undefined : { cause },
  );
}
