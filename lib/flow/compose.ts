import { functionText } from '../base/function-text.js';
import { exactTest } from '../base/instance-tests.js';
import { forEachValue, isIteratorResult } from '../base/iterator-result.js';
import { FlowBatch } from './flow-batch.js';
import { isPromise, type Push } from './flow-call.js';
import type { FlowStep } from './flow-steps.js';
import { fused } from './fused-steps.js';
import type { FlowLane } from './keyed/flow-lane.js';
import { KeyedBatch } from './keyed/keyed-batch.js';
import { ReduceStep } from './keyed/reduce-step.js';
import { StatefulMapStep } from './keyed/stateful-map-step.js';
import type { StepState } from './keyed/step-state.js';
import { WindowStep } from './keyed/window-step.js';
import { parallelStep } from './parallel-step.js';
import { isSimple, mapStep, type SimpleDescription, type SimpleStep, simpleStep } from './simple-steps.js';
import { wrongValue } from './step-checks.js';
import { throughStep } from './through-step.js';

/** Composes steps into one function: each calls the next one, and returns a promise if a later step is async. */
export function compose(steps: readonly FlowStep[], lane: FlowLane, states: StepState[]): Push {
  let next = emitResult;
  let simple: SimpleStep[] = [];
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index] as FlowStep;
    if (isSimple(step)) {
      simple.unshift(simpleStep(step, next, lane.flow));
      next = (simple[0] as SimpleStep).push;
    } else {
      const isAfterSimple = steps.slice(0, index).every(isSimple);
      next = composed(step, fused(simple) ?? next, lane, index, isAfterSimple, states);
      simple = [];
    }
  }
  return fused(simple) ?? next;
}

const emitResult: Push = (value, _key, call) => call.emit(value);

function composed(
  step: Exclude<FlowStep, SimpleDescription>,
  next: Push,
  lane: FlowLane,
  index: number,
  /** All steps before it are simple. */
  isAfterSimple: boolean,
  states: StepState[],
): Push {
  switch (step.what) {
    case 'flatMap':
      return flatMapStep(step.fn, next, lane.flow);
    case 'inspect':
      return inspectStep(step, next);
    case 'tee':
      return teeStep(step, next, lane.flow);
    case 'through':
      return throughStep(step, next, lane.flow);
    case 'parallel':
      return parallelStep(step, next, index);
    case 'batch':
      return keeping(new FlowBatch(step, next, lane), states);
    case 'reduce':
      return keeping(new ReduceStep(step, lane.rowsOf(step.table), next, lane.flow, isAfterSimple), states);
    case 'statefulMap':
      return keeping(new StatefulMapStep(step, lane.rowsOf(step.table), next, lane.flow), states);
    case 'window':
      return keeping(new WindowStep(step, lane.rowsOf(step.table), next, lane.flow), states);
    case 'keyedBatch':
      return keeping(new KeyedBatch(step, lane.rowsOf(step.table), next, lane), states);
    default:
      return step satisfies never;
  }
}

function keeping(state: StepState & { readonly push: Push }, states: StepState[]): Push {
  states.push(state);
  return state.push;
}

function flatMapStep(fn: (value: any, key: any) => any, next: Push, flow: string): Push {
  const noStep = (step: unknown): Error => {
    const place = `${flow}: next() of the iterator that flatMap(${functionText(fn)}) returned gave`;
    const fix = isPromise(step) ? ' An iterator that must be awaited is returned by [Symbol.asyncIterator].' : '';
    return wrongValue(place, '{ value, done }', step, fix);
  };
  const stepOf: StepOf = (values) => {
    const step: unknown = values.next();
    if (isIteratorResult(step)) return step;
    throw noStep(step);
  };
  const all: Push = (values, key, call) => {
    if (values === undefined) return undefined;
    if (typeof values === 'object' && values !== null) {
      if (typeof values[Symbol.iterator] === 'function')
        return pushAll(values[Symbol.iterator](), stepOf, key, call, next);
      if (typeof values[Symbol.asyncIterator] === 'function')
        return forEachValue(values, noStep, (value) => next(value, key, call));
    }
    const why = typeof values === 'string' ? ' A text is not a list: write [text], or text.split(…).' : '';
    throw wrongValue(
      `${flow}: flatMap(${functionText(fn)}) returned`,
      'an iterable, an async iterable or undefined',
      values,
      why,
    );
  };
  return mapStep(fn, all).push;
}

/** The next result of an iterator of the user's, checked. */
type StepOf = (values: Iterator<unknown>) => IteratorResult<unknown, unknown>;

/** Passes on values one by one; after an async one, the rest waits for it. */
function pushAll(values: Iterator<unknown>, stepOf: StepOf, key: any, call: any, next: Push): void | Promise<void> {
  for (;;) {
    const { done, value } = stepOf(values);
    if (done) return undefined;
    let pending: void | Promise<void>;
    try {
      pending = next(value, key, call);
    } catch (error) {
      values.return?.();
      throw error;
    }
    if (pending !== undefined) return pushRest(pending, values, stepOf, key, call, next);
  }
}

async function pushRest(
  pending: Promise<void>,
  values: Iterator<unknown>,
  stepOf: StepOf,
  key: any,
  call: any,
  next: Push,
): Promise<void> {
  try {
    await pending;
    for (let step = stepOf(values); !step.done; step = stepOf(values)) await next(step.value, key, call);
  } catch (error) {
    values.return?.();
    throw error;
  }
}

function inspectStep({ fn, isKeyed }: FlowStep & { what: 'inspect' }, next: Push): Push {
  return (value, key, call) => {
    const { lane, position } = call;
    const looked = fn(value, isKeyed ? { lane, position, key } : { lane, position });
    return isPromise(looked) ? looked.then(() => next(value, key, call)) : next(value, key, call);
  };
}

function teeStep({ fn, message }: FlowStep & { what: 'tee' }, next: Push, flow: string): Push {
  const isResult = exactTest(message);
  const emitOne = (given: unknown, call: any): void => {
    if (given === undefined || given === null) return;
    if (!isResult(given)) {
      const fix = ` Make one of it: message(${message.name}, { … }).`;
      throw wrongValue(
        `${flow}: tee(${message.name}, ${functionText(fn)}) returned`,
        `an element of ${message.name}, an array of them or undefined`,
        given,
        fix,
      );
    }
    call.emit(given);
  };
  const emit = (given: any, value: any, key: any, call: any): void | Promise<void> => {
    if (Array.isArray(given)) for (const each of given) emitOne(each, call);
    else emitOne(given, call);
    return next(value, key, call);
  };
  return (value, key, call) => {
    const given = fn(value, key);
    return isPromise(given) ? given.then((each) => emit(each, value, key, call)) : emit(given, value, key, call);
  };
}
