import type { StepCounts } from '../../mill/plan/made-process.js';
import type { FlowCall } from '../flow-call.js';

/** A step with state from one call to the next, in one lane. */
export abstract class StepState {
  /** The name of the step in errors. */
  protected readonly place: string;

  constructor(
    readonly name: string,
    flow: string,
  ) {
    this.place = `${flow}: ${name}`;
  }

  /** Returns whether the step holds values that are neither stored nor passed on. */
  get isHolding(): boolean {
    return false;
  }

  /** The time at which the step has to pass something on, if any. */
  get deadline(): number | undefined {
    return undefined;
  }

  get counts(): StepCounts | undefined {
    return undefined;
  }

  /** Undoes the changes of the call in progress. Tables undo theirs afterwards. */
  callFailed(): void {}

  /** Passes on everything that is due at this time. */
  ring(_now: number, _call: FlowCall): void | Promise<void> {}

  /** The streams have ended. */
  end(_call: FlowCall): void | Promise<void> {}
}
