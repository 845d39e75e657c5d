import { type FlowCall, isPromise, type Push } from '../flow-steps.js';
import { wrongValue } from '../step-checks.js';
import { giveAll } from './give-all.js';
import { elementOf } from './kept-element.js';
import type { KeyedStep } from './keyed-steps.js';
import type { StepRows } from './step-rows.js';
import { StepState } from './step-state.js';

type ReduceDescription = KeyedStep & { what: 'reduce' };

/** Adds values of each key until an accumulator is complete. */
export class ReduceStep extends StepState {
  constructor(
    private readonly step: ReduceDescription,
    private readonly rows: StepRows,
    private readonly next: Push,
    flow: string,
  ) {
    super(step.name, flow);
  }

  readonly push: Push = (value, key, call) => {
    const before = this.rows.get(key);
    const { first, add } = this.step;
    const given = before !== undefined ? add(before, value, key) : first === undefined ? value : first(value, key);
    return isPromise(given)
      ? given.then((each) => this.added(each, before !== undefined, key, call))
      : this.added(given, before !== undefined, key, call);
  };

  override end(call: FlowCall): void | Promise<void> {
    const { atEnd } = this.step;
    if (atEnd === 'keep') return undefined;
    const open = this.rows.entries();
    for (const [key] of open) this.rows.delete(key);
    return atEnd === 'emit' ? giveAll(open, ([, state]) => this.next(state, undefined, call)) : undefined;
  }

  override get counts() {
    return { name: this.step.name, late: 0, kept: this.rows.size };
  }

  private added(given: unknown, isKept: boolean, key: any, call: FlowCall): void | Promise<void> {
    const { step, place } = this;
    const state = elementOf(given, step.state, place, isKept ? 'add' : 'first');
    const complete = step.complete(state, key);
    return isPromise(complete)
      ? complete.then((each) => this.completed(each, state, isKept, key, call))
      : this.completed(complete, state, isKept, key, call);
  }

  private completed(complete: unknown, state: object, isKept: boolean, key: any, call: FlowCall): void | Promise<void> {
    if (complete === true) {
      if (isKept) this.rows.delete(key);
      return this.next(state, undefined, call);
    }
    if (complete !== false) throw wrongValue(`${this.place}: complete() returned`, 'true or false', complete);
    this.rows.set(key, state);
    return undefined;
  }
}
