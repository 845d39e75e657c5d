import type { Widen } from '../../joins/distance.js';
import { expectedStep } from '../../joins/windows/overlap.js';
import { checkOptions, refused } from '../step-checks.js';

/** A kind of window after `keyBy`, created by `tumbling`, `hopping`, `sliding` or `session`. */
export interface FlowWindow<out D> {
  readonly what: 'flow window';
  /** Carries types only; never set. */
  readonly '~distance'?: D;
}

/** The description in a `FlowWindow`. Times are numbers or bigints. */
export type FlowWindowDescription =
  | { readonly type: 'aligned'; readonly size: number | bigint; readonly every: number | bigint }
  | { readonly type: 'sliding'; readonly size: number | bigint }
  | { readonly type: 'session'; readonly gap: number | bigint };

/**
 * Windows [start, start + size) without gaps or overlaps, aligned at 0, or at 1970 for Dates. `size` is above 0, in the
 * unit of `at`; for Dates in milliseconds.
 *
 * @throws WaterMillError `WM_FLOW` for an option that is invalid.
 * @example tumbling({ size: 60_000 })
 */
export function tumbling<D extends number | bigint>(options: { readonly size: D }): FlowWindow<Widen<D>> {
  checkOptions('tumbling()', options, ['size'], []);
  const size = distance('tumbling()', options, 'size', 0);
  return made({ type: 'aligned', size, every: size });
}

/**
 * Windows [start, start + size) that start at each multiple of `every`. Below the size they overlap; above it there are
 * gaps. A value is in size / every windows, at most a million. Both are above 0, in the unit of `at`; for Dates in
 * milliseconds.
 *
 * @throws WaterMillError `WM_FLOW` for an option that is invalid.
 * @example hopping({ size: 3_600_000, every: 600_000 })
 */
export function hopping<D extends number | bigint>(options: {
  readonly size: D;
  readonly every: NoInfer<Widen<D>>;
}): FlowWindow<Widen<D>> {
  checkOptions('hopping()', options, ['size', 'every'], []);
  const [size, every] = [distance('hopping()', options, 'size', 0), distance('hopping()', options, 'every', 0)];
  if (typeof size !== typeof every) throw refused('hopping(): every', `a ${typeof size}, as the size is`, every);
  const expected = expectedStep(size, every);
  if (expected !== undefined) throw refused('hopping(): every', expected, every);
  return made({ type: 'aligned', size, every });
}

/**
 * One window per value: the value, and those of its key at most `size` before it, both borders included. `size` is 0 or
 * more, in the unit of `at`; for Dates in milliseconds.
 *
 * @throws WaterMillError `WM_FLOW` for an option that is invalid.
 * @example sliding({ size: 5_000 })
 */
export function sliding<D extends number | bigint>(options: { readonly size: D }): FlowWindow<Widen<D>> {
  checkOptions('sliding()', options, ['size'], []);
  return made({ type: 'sliding', size: distance('sliding()', options, 'size', -1) });
}

/**
 * Values of a key that are at most `gap` apart. Exactly the gap is still the same session. `gap` is 0 or more, in the
 * unit of `at`; for Dates in milliseconds.
 *
 * @throws WaterMillError `WM_FLOW` for an option that is invalid.
 * @example session({ gap: 30 * 60_000 })
 */
export function session<D extends number | bigint>(options: { readonly gap: D }): FlowWindow<Widen<D>> {
  checkOptions('session()', options, ['gap'], []);
  return made({ type: 'session', gap: distance('session()', options, 'gap', -1) });
}

function made<D>(description: FlowWindowDescription): FlowWindow<D> {
  return Object.freeze({ what: 'flow window', ...description }) as FlowWindow<D>;
}

/** Checks a distance above a bound; -1 allows 0. */
function distance(place: string, options: object, name: string, above: number): number | bigint {
  const given = (options as Record<string, unknown>)[name];
  const isDistance = typeof given === 'bigint' || (typeof given === 'number' && Number.isFinite(given));
  if (isDistance && (given as number) > above) return given;
  throw refused(
    `${place}: ${name}`,
    above === 0 ? 'a number or bigint above 0' : 'a number or bigint, 0 or more',
    given,
  );
}
