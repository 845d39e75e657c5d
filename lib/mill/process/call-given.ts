import type { DataKey } from '../plan/data-key.js';
import type { Origin } from '../plan/origin.js';
import type { CallRows } from './call-rows.js';

/** What a call is given beside its rows, where the process asks for it. */
export interface CallGiven {
  readonly dataKey: DataKey | undefined;
  readonly origin: Origin | undefined;
}

/** Calls the process function; `given` is needed only where a parameter asks for something in it. */
export type MakeCall = (answer: CallRows, given?: CallGiven) => unknown;
