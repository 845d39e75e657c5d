import { WaterMillError } from '../../base/watermill-error.js';
import type { Expression } from '../../expressions/expression.js';
import type { Matching } from './matching.js';

/** A way of matching as the user selects it: by an option of `joinWith`. `ways.ts` lists all of them. */
export interface WayOfMatching {
  /** The option that selects it. */
  readonly option: string;
  /** Options that only apply to it. */
  readonly further: readonly string[];
  /** Checks the options, and makes the matching. Its errors begin with the edge's role. */
  read(given: Readonly<Record<string, unknown>>, edge: EdgeInMaking): Matching;
}

/** An edge as far as it is known when its way of matching is read. */
export interface EdgeInMaking {
  /** `joinWith(Weather)`: the beginning of errors. */
  readonly role: string;
  /** Its left and its right key. */
  readonly keys: readonly Expression<any, any>[];
  /** The edge has `on` as well. */
  readonly hasOn: boolean;
}

/** The error for options of an edge that do not fit. */
export function wrongMatching(sentence: string, expected: string, found: string): WaterMillError {
  return new WaterMillError('WM_JOIN_OPTIONS', sentence, { expected, found });
}
