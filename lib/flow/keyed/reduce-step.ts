import { copyOfKey } from '../../expressions/key.js';
import { type FlowCall, isPromise, type Push } from '../flow-call.js';
import { wrongValue } from '../step-checks.js';
import { emitAll } from './emit-all.js';
import { elementOf } from './kept-element.js';
import type { KeyedStep } from './keyed-steps.js';
import type { StateRows } from './step-rows.js';
import { StepState } from './step-state.js';

type ReduceDescription = KeyedStep & { what: 'reduce' };

/** Adds values of each key until an accumulator is complete. */
export class ReduceStep<R> extends StepState {
  constructor(
    private readonly step: ReduceDescription,
    private readonly rows: StateRows<R>,
    private readonly next: Push,
    flow: string,
    /** A call brings at most one value, and changes nothing before it: if its state is kept, that ends the call. */
    private readonly endsCalls: boolean,
  ) {
    super(step.name, flow);
  }

  readonly push: Push = (value, key, call) => {
    const { rows, step } = this;
    const row = rows.rowOf(key);
    const given =
      row !== undefined
        ? step.add(rows.stateOf(row), value, copyOfKey(key))
        : step.first === undefined
          ? value
          : step.first(value, copyOfKey(key));
    return isPromise(given)
      ? given.then((each) => this.added(each, row, key, call))
      : this.added(given, row, key, call);
  };

  override end(call: FlowCall): void | Promise<void> {
    const { atEnd } = this.step;
    if (atEnd === 'keep') return undefined;
    const open = this.rows.entries();
    for (const [key] of open) this.rows.delete(key);
    return atEnd === 'emit' ? emitAll(open, ([, state]) => this.next(state, undefined, call)) : undefined;
  }

  override get counts() {
    return { name: this.step.name, late: 0, kept: this.rows.size };
  }

  private added(given: unknown, row: R | undefined, key: any, call: FlowCall): void | Promise<void> {
    const { step } = this;
    const state = elementOf(given, step.state, this.place, row !== undefined ? 'add' : step.first && 'first');
    const complete = step.complete(state, copyOfKey(key));
    if (complete === false) {
      this.rows.keepAt(row, key, state, this.endsCalls);
      return undefined;
    }
    return isPromise(complete)
      ? complete.then((each) => this.completed(each, state, row, key, call))
      : this.completed(complete, state, row, key, call);
  }

  private completed(complete: unknown, state: object, row: R | undefined, key: any, call: FlowCall) {
    if (complete === true) {
      if (row !== undefined) this.rows.deleteAt(row);
      return this.next(state, undefined, call);
    }
    if (complete !== false) throw wrongValue(`${this.place}: complete() returned`, 'true or false', complete);
    this.rows.keepAt(row, key, state, this.endsCalls);
    return undefined;
  }
}
