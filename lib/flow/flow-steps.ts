import type { MessageClass } from '../base/class.js';
import type { TableClass } from '../tables/make-table.js';
import type { KeyedStep } from './keyed/keyed-steps.js';
import type { StateRows, StepRows } from './keyed/step-rows.js';

/** A function of a user's: it gets the value, and after `keyBy` the key. */
export type StepFunction = (value: any, key?: any) => any;

/** One step of a flow, as it was described. */
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

/** Why a lane may keep something for a key: `local` since each counts by itself; `through` since the stream is written by this key. */
export type LanesOfKey = 'one' | 'local' | 'through';

/** Elements go to the stream of their class by the key that `fn` returns. */
export interface ThroughStep {
  readonly what: 'through';
  readonly message: MessageClass<any>;
  readonly fn: StepFunction;
  /** The steps after it are in the same call. Else it is the last step of a stage, and the next one reads the stream. */
  readonly passesOn: boolean;
}

/** What the steps of one lane have in common. */
export interface FlowLane {
  readonly now: () => number;
  /** What errors call the flow. */
  readonly flow: string;
  /** What a step keeps in a table of the lane. */
  readonly rowsOf: (table: TableClass<any, any>) => StepRows & StateRows<any>;
}

/** How the arguments of a call become the value of a flow. */
export interface FlowArguments {
  /** The value is all arguments, but for those of the flow itself. */
  readonly isTuple: boolean;
  /** The last argument but for the tables says where the element came from. */
  readonly hasOrigin: boolean;
  /** How many arguments at the end are the flow's own. */
  readonly own: number;
}

/** The steps after a step: it passes the values to them. A promise if anything in them is async. */
export type Push = (value: any, key: any, call: FlowCall) => void | Promise<void>;

export function isPromise(value: any): value is Promise<any> {
  return typeof value === 'object' && value !== null && typeof value.then === 'function';
}

/** One call of a flow while it goes through its steps: collects what it emits. */
export class FlowCall {
  lane = '';
  position = -1;
  private first: unknown;
  private others: unknown[] | undefined;
  /** The calls in progress that remain when the values are through the steps, in the order of the steps. */
  readonly tails: (Promise<void> | undefined)[] = [];
  /** Its calls in progress are awaited, but their results are not passed on. */
  hasFailed = false;

  emit(result: unknown): void {
    if (result === undefined || result === null) return;
    if (this.others !== undefined) this.others.push(result);
    else if (this.first === undefined) this.first = result;
    else this.others = [this.first, result];
  }

  /** What the call returns: nothing, one result or several. */
  take(): unknown {
    const taken = this.others ?? this.first;
    this.first = undefined;
    this.others = undefined;
    return taken;
  }
}
