import type { StepCounts } from '../../mill/plan/made-process.js';
import type { FlowCall } from '../flow-steps.js';

/** A step that keeps something from one call to the next, in one lane. */
export abstract class StepState {
  /** Where it is, for errors. */
  protected readonly place: string;

  constructor(
    readonly name: string,
    flow: string,
  ) {
    this.place = `${flow}: ${name}`;
  }

  /** Its state is not kept elsewhere, and not passed on. */
  get isHolding(): boolean {
    return false;
  }

  /** When something of it is due to be passed on. */
  get deadline(): number | undefined {
    return undefined;
  }

  get counts(): StepCounts | undefined {
    return undefined;
  }

  /** What the call in progress has changed is taken back; that of tables is by themselves, after this. */
  callFailed(): void {}

  /** Passes on what is due at this time. */
  ring(_now: number, _call: FlowCall): void | Promise<void> {}

  /** The streams have ended. */
  end(_call: FlowCall): void | Promise<void> {}
}
