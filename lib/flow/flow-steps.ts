import type { MessageClass } from '../base/class.js';
import type { TableClass } from '../tables/make-table.js';
import type { KeyedStep } from './keyed/keyed-steps.js';
import type { StateRows, StepRows } from './keyed/step-rows.js';

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

/** The context that the steps of one lane share. */
export interface FlowLane {
  readonly now: () => number;
  /** The name of the flow in errors. */
  readonly flow: string;
  /** The rows of a step's table in this lane. */
  readonly rowsOf: (table: TableClass<any, any>) => StepRows & StateRows<any>;
}

/** How the arguments of a call become the value of a flow. */
export interface FlowArguments {
  /** The value is a tuple of all arguments, except those of the flow itself. */
  readonly isTuple: boolean;
  /** The last argument before the tables is the origin of the element. */
  readonly hasOrigin: boolean;
  /** The number of arguments at the end that belong to the flow itself. */
  readonly own: number;
}

/** Passes a value to the later steps. Returns a promise if any of them is async. */
export type Push = (value: any, key: any, call: FlowCall) => void | Promise<void>;

export function isPromise(value: any): value is Promise<any> {
  return typeof value === 'object' && value !== null && typeof value.then === 'function';
}

/** One call of a flow on its way through the steps: collects the results. */
export class FlowCall {
  lane = '';
  position = -1;
  private first: unknown;
  private others: unknown[] | undefined;
  /** The async work that remains when the values have passed all steps, by step. */
  readonly tails: (Promise<void> | undefined)[] = [];
  /** The remaining work is awaited, but its results are not passed on. */
  hasFailed = false;

  emit(result: unknown): void {
    if (result === undefined || result === null) return;
    if (this.others !== undefined) this.others.push(result);
    else if (this.first === undefined) this.first = result;
    else this.others = [this.first, result];
  }

  /** Returns the results of the call: nothing, one result or several. */
  take(): unknown {
    const taken = this.others ?? this.first;
    this.first = undefined;
    this.others = undefined;
    return taken;
  }
}
