import { WaterMillError } from '../../base/watermill-error.js';
import type { Expression } from '../../expressions/expression.js';
import type { Matching } from './matching.js';

/** A way of matching as it is asked for: by an option of `joinWith`. `ways.ts` lists them all. */
export interface WayOfMatching {
  /** The option that asks for it. */
  readonly option: string;
  /** Options that go with it, and mean nothing without it. */
  readonly further: readonly string[];
  /** Checks what was given, and makes the matching. What it throws begins with the edge's role. */
  read(given: Readonly<Record<string, unknown>>, edge: EdgeInMaking): Matching;
}

/** An edge as far as it is known when its way of matching is read. */
export interface EdgeInMaking {
  /** `joinWith(Weather)`: who speaks in an error. */
  readonly role: string;
  /** Its left and its right key. */
  readonly keys: readonly Expression<any, any>[];
  /** It has `on` as well. */
  readonly hasOn: boolean;
}

/** The options of an edge do not fit. */
export function wrongMatching(sentence: string, expected: string, found: string): WaterMillError {
  return new WaterMillError('WM_JOIN_OPTIONS', sentence, { expected, found });
}
