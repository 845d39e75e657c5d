import { WindowBounds } from '../../../joins/window-bounds.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';
import { DataKey } from '../data-key.js';
import { Origin } from '../origin.js';
import type { ParameterPlan, ProcessPlan } from '../plan.js';
import type { SourceParts } from './find-source.js';

/** A class whose values belong to the call in progress: never resolved by a container. */
interface CallValue {
  readonly parameter: ParameterPlan;
  /** Why a mill with this source has no such value, and the fix; undefined if it has. */
  refusal(source: SourceParts): string | undefined;
}

/** All classes of values of a call. `process/generated-call.ts` makes the values. */
export const callValues: ReadonlyMap<unknown, CallValue> = new Map<unknown, CallValue>([
  [WindowBounds, { parameter: { what: 'bounds' }, refusal: whyNoBounds }],
  [Origin, { parameter: { what: 'origin' }, refusal: () => undefined }],
  [DataKey, { parameter: { what: 'dataKey' }, refusal: () => undefined }],
]);

/** Returns whether a process asks for such a value of the call. */
export function asksFor({ parameters }: Pick<ProcessPlan, 'parameters'>, what: 'origin' | 'dataKey'): boolean {
  return parameters.some((parameter) => parameter.what === what);
}

function whyNoBounds(source: SourceParts): string | undefined {
  if (source.window === undefined) {
    return 'but there is no window on the master. Put one there, window(C, key), or leave the parameter out.';
  }
  if (kindOf(source.window).hasBorders) return undefined;
  return `but a ${source.window.type} window has no borders. Leave the parameter out.`;
}
