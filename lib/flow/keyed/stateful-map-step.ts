import { copyOfKey } from '../../expressions/key.js';
import { copierOf } from '../../messages/index.js';
import { isPromise, type Push } from '../flow-call.js';
import { wrongValue } from '../step-checks.js';
import { elementOf } from './kept-element.js';
import type { KeyedStep } from './keyed-steps.js';
import type { StateRows } from './step-rows.js';
import { StepState } from './step-state.js';

/** Returns a result for each value, computed from the state of its key. */
export class StatefulMapStep<R> extends StepState {
  private readonly copyOf: (state: object) => object;

  constructor(
    private readonly step: KeyedStep & { what: 'statefulMap' },
    private readonly rows: StateRows<R>,
    private readonly next: Push,
    flow: string,
  ) {
    super(step.name, flow);
    this.copyOf = copierOf(step.state);
  }

  readonly push: Push = (value, key, call) => {
    const { step, rows } = this;
    const row = rows.rowOf(key);
    const state = row !== undefined ? rows.stateOf(row) : this.initial(key);
    const given = step.next(state, value, copyOfKey(key));
    return isPromise(given) ? given.then((each) => this.done(each, row, key, call)) : this.done(given, row, key, call);
  };

  /** A copy: `next` may change it, and the function may always return the same object. */
  private initial(key: any): object {
    const { initial, state } = this.step;
    return this.copyOf(elementOf(initial(copyOfKey(key)), state, this.place, 'initial'));
  }

  override get counts() {
    return { name: this.name, late: 0, kept: this.rows.size };
  }

  private done(given: unknown, row: R | undefined, key: any, call: any): void | Promise<void> {
    const { step, rows, place } = this;
    if (!Array.isArray(given) || given.length !== 2) {
      throw wrongValue(`${place}: next() returned`, '[the next state or undefined, the result or undefined]', given);
    }
    const [state, result] = given;
    if (state !== undefined) rows.keepAt(row, key, elementOf(state, step.state, place, 'next'), false);
    else if (row !== undefined) rows.deleteAt(row);
    return result === undefined || result === null ? undefined : this.next(result, undefined, call);
  }
}
