import { makeSnapshots } from '../messages/index.js';
import type { LaneOfProcess, LaneProcess, LaneTimer, StepCounts } from '../mill/plan/made-process.js';
import type { Origin } from '../mill/plan/origin.js';
import { rowsOf, type Table } from '../tables/table.js';
import { compose } from './compose.js';
import { FlowBatch } from './flow-batch.js';
import { type FlowArguments, FlowCall, type Push } from './flow-call.js';
import type { FlowStep } from './flow-steps.js';
import { emitAll } from './keyed/emit-all.js';
import type { StepState } from './keyed/step-state.js';
import { WindowStep } from './keyed/window-step.js';
import { isSimple } from './simple-steps.js';

/** A flow in one lane: its steps as one function, and their state across calls. */
export class FlowRun implements LaneProcess {
  readonly fn: Function;
  readonly timer: LaneTimer | undefined;
  private readonly push: Push;
  /** In the order of the steps. */
  private readonly states: readonly StepState[];
  /** The states of which not all is in a table: that part is saved before each call. */
  private readonly saved: readonly (FlowBatch | WindowStep)[];
  private readonly snapshot: ((result: unknown) => unknown) | undefined;
  /** A finished call, for reuse. */
  private idle: FlowCall | undefined;
  private readonly lane: string;

  constructor(flow: string, steps: readonly FlowStep[], args: FlowArguments, { name, now, tableOf }: LaneOfProcess) {
    this.lane = name;
    const states: StepState[] = [];
    this.snapshot = endsWithResult(steps) ? undefined : makeSnapshots();
    const stepRows = (table: any) => rowsOf(tableOf(table) as Table<any, any>);
    this.push = compose(steps, { now, flow, rowsOf: stepRows }, states);
    // Steps are composed from the last one to the first.
    this.states = states.reverse();
    this.saved = this.states.filter((state) => state instanceof FlowBatch || state instanceof WindowStep);
    this.fn = args.isTuple || args.hasOrigin ? this.callWith(args) : (value: unknown) => this.call(value, undefined);
    const isTimed = steps.some((step) => 'timeoutMs' in step && step.timeoutMs !== undefined);
    this.timer = isTimed ? { deadline: () => this.deadline(), ring: () => this.ring(now()) } : undefined;
  }

  /**
   * The end of the stream: passes on the open windows and lists. Those of earlier steps come first, since they go
   * through later ones.
   */
  readonly atEnd = (): unknown => this.callStates((state, call) => state.end(call));

  readonly isHolding = (): boolean => {
    for (const state of this.states) if (state.isHolding) return true;
    return false;
  };

  readonly callFailed = (): void => {
    for (const state of this.states) state.callFailed();
  };

  readonly counts = (): readonly StepCounts[] => this.states.flatMap(({ counts }) => counts ?? []);

  private callWith({ isTuple, hasOrigin, own }: FlowArguments): Function {
    return (...args: unknown[]) => {
      const origin = hasOrigin ? (args[args.length - own] as Origin) : undefined;
      return this.call(isTuple ? args.slice(0, args.length - own) : args[0], origin);
    };
  }

  private call(value: unknown, origin: Origin | undefined): unknown {
    const call = this.begin();
    if (origin !== undefined) {
      call.lane = origin.partition;
      call.position = origin.position;
    }
    return this.make(call, this.push, value);
  }

  private begin(): FlowCall {
    const call = this.idle ?? new FlowCall(this.snapshot);
    this.idle = undefined;
    for (let i = 0; i < this.saved.length; i++) (this.saved[i] as FlowBatch | WindowStep).callBegins();
    return call;
  }

  private make(call: FlowCall, push: Push, value: unknown): unknown {
    let pending: void | Promise<void>;
    try {
      pending = push(value, undefined, call);
    } catch (error) {
      if (call.tails.length === 0) throw error;
      pending = Promise.reject(error);
    }
    if (pending !== undefined || call.tails.length > 0) return settled(call, pending).then(() => call.take());
    this.idle = call;
    return call.take();
  }

  private deadline(): number | undefined {
    let first: number | undefined;
    for (const { deadline } of this.states) {
      if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
    }
    return first;
  }

  private ring(now: number): unknown {
    return this.callStates((state, call) => state.ring(now, call));
  }

  /**
   * Makes a call without a value. Whatever one state passes on goes through all later steps before the next state is
   * called.
   */
  private callStates(work: (state: StepState, call: FlowCall) => void | Promise<void>): unknown {
    const throughStates: Push = (_value, _key, call) =>
      emitAll(this.states, (state) => {
        const pending = work(state, call);
        return pending !== undefined || call.tails.length > 0 ? settled(call, pending) : undefined;
      });
    const call = this.begin();
    // It has no element. A finished call still has the place of its own.
    call.lane = this.lane;
    call.position = -1;
    return this.make(call, throughStates, undefined);
  }
}

/** Returns whether no function of a step is called in a call after its result: it has one at most, as its last step. */
function endsWithResult(steps: readonly FlowStep[]): boolean {
  return (
    steps.every((step) => isSimple(step) || passesOnOne(step)) &&
    steps.filter(({ what }) => what === 'batch').length < 2
  );
}

function passesOnOne(step: FlowStep): boolean {
  if (step.what === 'reduce') return step.atEnd !== 'emit';
  return step.what === 'inspect' || step.what === 'statefulMap' || step.what === 'batch';
}

/**
 * Waits for the calls in progress, step by step, even if the call fails: afterwards nothing of it may run that would
 * change what the next call sees. The first error is thrown.
 */
async function settled(call: FlowCall, pending: void | Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  const waitFor = async (work: void | Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      call.hasFailed = true;
      errors.push(error);
    }
  };
  await waitFor(pending);
  for (let i = 0; i < call.tails.length; i++) {
    for (let tail = call.tails[i]; tail !== undefined; tail = call.tails[i]) {
      await waitFor(tail);
      if (call.tails[i] === tail) call.tails[i] = undefined;
    }
  }
  if (errors.length > 0) throw errors[0];
}
