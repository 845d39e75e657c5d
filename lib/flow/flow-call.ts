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
  /** Makes the copy of a result if a function of the user's may follow in this call: it may change the original. */
  constructor(private readonly snapshot: ((result: unknown) => unknown) | undefined) {}

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
    const own = this.snapshot === undefined ? result : this.snapshot(result);
    if (this.others !== undefined) this.others.push(own);
    else if (this.first === undefined) this.first = own;
    else this.others = [this.first, own];
  }

  /** Returns the results of the call: nothing, one result or several. */
  take(): unknown {
    const taken = this.others ?? this.first;
    this.first = undefined;
    this.others = undefined;
    return taken;
  }
}
