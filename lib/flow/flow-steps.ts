import type { MessageClass } from '../base/class.js';
import type { KeyedStep } from './keyed/keyed-steps.js';

/** A function of the user: it gets the value and, after `keyBy`, the key. */
export type StepFunction = (value: any, key?: any) => any;

/** The description of one step of a flow. */
export type FlowStep =
  | { readonly what: 'filter' | 'map' | 'filterMap'; readonly fn: StepFunction }
  | { readonly what: 'flatMap'; readonly fn: StepFunction }
  | { readonly what: 'inspect'; readonly fn: (value: any, info: object) => unknown; readonly isKeyed: boolean }
  | { readonly what: 'tee'; readonly message: MessageClass<any>; readonly fn: StepFunction }
  | { readonly what: 'parallel'; readonly calls: number; readonly fn: StepFunction }
  | { readonly what: 'batch'; readonly size: number; readonly timeoutMs: number | undefined }
  | { readonly what: 'keyBy'; readonly fn: StepFunction; readonly lanes: LanesOfKey }
  | ThroughStep
  | KeyedStep;

/**
 * Why a lane may keep state for a key: there is one lane; each lane's state is separate (`local`); or the stream is
 * partitioned by this key (`through`).
 */
export type LanesOfKey = 'one' | 'local' | 'through';

/** Writes elements to the stream of their class, by the key that `fn` returns. */
export interface ThroughStep {
  readonly what: 'through';
  readonly message: MessageClass<any>;
  readonly fn: StepFunction;
  /**
   * The later steps are part of the same call. Otherwise this is the last step of a stage, and the next stage reads the
   * stream.
   */
  readonly passesOn: boolean;
}
