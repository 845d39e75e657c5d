import { keyType } from '../expressions/key.js';
import { FlowBatch } from './flow-batch.js';
import { type FlowLane, type FlowStep, isPromise, type Push } from './flow-steps.js';
import { KeyedBatch } from './keyed/keyed-batch.js';
import { ReduceStep } from './keyed/reduce-step.js';
import { StatefulMapStep } from './keyed/stateful-map-step.js';
import type { StepState } from './keyed/step-state.js';
import { WindowStep } from './keyed/window-step.js';
import { parallelStep } from './parallel-step.js';
import { wrongValue } from './step-checks.js';

/** Composes steps into one function: each calls the next one, and gives a promise where anything behind it takes time. */
export function compose(steps: readonly FlowStep[], lane: FlowLane, states: StepState[]): Push {
  return steps.reduceRight<Push>((next, step, index) => composed(step, next, lane, index, states), emitResult);
}

const emitResult: Push = (value, _key, call) => call.emit(value);

function composed(step: FlowStep, next: Push, lane: FlowLane, index: number, states: StepState[]): Push {
  switch (step.what) {
    case 'map':
      return mapStep(step.fn, next);
    case 'filter':
      return filterStep(step.fn, next, lane.flow);
    case 'filterMap':
      return filterMapStep(step.fn, next);
    case 'flatMap':
      return flatMapStep(step.fn, next, lane.flow);
    case 'inspect':
      return inspectStep(step, next);
    case 'tee':
      return teeStep(step.fn, next);
    case 'parallel':
      return parallelStep(step, next, index);
    case 'keyBy':
      return keyByStep(step.fn, next, lane.flow);
    case 'batch':
      return keeping(new FlowBatch(step, next, lane), states);
    case 'reduce':
      return keeping(new ReduceStep(step, lane.rowsOf(step.table), next, lane.flow), states);
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

function keyByStep(fn: (value: any) => any, next: Push, flow: string): Push {
  const withKey = (key: unknown, value: any, call: any): void | Promise<void> => {
    if (keyType(key) !== undefined) return next(value, key, call);
    throw wrongValue(`${flow}: keyBy() returned`, 'a number, bigint, string, boolean or Date, or a tuple of them', key);
  };
  return (value, _key, call) => {
    const key = fn(value);
    if (typeof key === 'string' || Number.isFinite(key)) return next(value, key, call);
    return isPromise(key) ? key.then((each) => withKey(each, value, call)) : withKey(key, value, call);
  };
}

function mapStep(fn: (value: any, key: any) => any, next: Push): Push {
  return (value, key, call) => {
    const mapped = fn(value, key);
    return isPromise(mapped) ? mapped.then((each) => next(each, key, call)) : next(mapped, key, call);
  };
}

function filterStep(keep: (value: any, key: any) => any, next: Push, flow: string): Push {
  const kept = (verdict: unknown, value: any, key: any, call: any): void | Promise<void> => {
    if (verdict === true) return next(value, key, call);
    if (verdict !== false) {
      const fix = ' Compare: value !== undefined, or !!value.';
      throw wrongValue(`${flow}: filter() returned`, 'true or false', verdict, fix);
    }
  };
  return (value, key, call) => {
    const verdict = keep(value, key);
    if (verdict === true) return next(value, key, call);
    if (verdict === false) return undefined;
    return isPromise(verdict) ? verdict.then((each) => kept(each, value, key, call)) : kept(verdict, value, key, call);
  };
}

function filterMapStep(fn: (value: any, key: any) => any, next: Push): Push {
  const unlessNothing: Push = (mapped, key, call) =>
    mapped === undefined || mapped === null ? undefined : next(mapped, key, call);
  return mapStep(fn, unlessNothing);
}

function flatMapStep(fn: (value: any, key: any) => any, next: Push, flow: string): Push {
  const all: Push = (values, key, call) => {
    if (values === undefined) return undefined;
    if (typeof values === 'object' && values !== null) {
      if (typeof values[Symbol.iterator] === 'function') return pushAll(values[Symbol.iterator](), key, call, next);
      if (typeof values[Symbol.asyncIterator] === 'function') return pushAsync(values, key, call, next);
    }
    const why = typeof values === 'string' ? ' A text is not a list: write [text], or text.split(…).' : '';
    throw wrongValue(`${flow}: flatMap() returned`, 'an iterable, an async iterable or undefined', values, why);
  };
  return mapStep(fn, all);
}

/** Gives on one value after the other; where one takes time, the rest waits for it. */
function pushAll(values: Iterator<unknown>, key: any, call: any, next: Push): void | Promise<void> {
  for (;;) {
    const { done, value } = values.next();
    if (done) return undefined;
    let pending: void | Promise<void>;
    try {
      pending = next(value, key, call);
    } catch (error) {
      values.return?.();
      throw error;
    }
    if (pending !== undefined) return pushRest(pending, values, key, call, next);
  }
}

async function pushRest(pending: Promise<void>, values: Iterator<unknown>, key: any, call: any, next: Push) {
  try {
    await pending;
    for (let step = values.next(); !step.done; step = values.next()) await next(step.value, key, call);
  } catch (error) {
    values.return?.();
    throw error;
  }
}

async function pushAsync(values: AsyncIterable<unknown>, key: any, call: any, next: Push): Promise<void> {
  for await (const value of values) await next(value, key, call);
}

function inspectStep({ fn, isKeyed }: FlowStep & { what: 'inspect' }, next: Push): Push {
  return (value, key, call) => {
    const { lane, position } = call;
    const looked = fn(value, isKeyed ? { lane, position, key } : { lane, position });
    return isPromise(looked) ? looked.then(() => next(value, key, call)) : next(value, key, call);
  };
}

function teeStep(fn: (value: any, key: any) => any, next: Push): Push {
  const emit = (given: any, value: any, key: any, call: any): void | Promise<void> => {
    if (Array.isArray(given)) for (const each of given) call.emit(each);
    else call.emit(given);
    return next(value, key, call);
  };
  return (value, key, call) => {
    const given = fn(value, key);
    return isPromise(given) ? given.then((each) => emit(each, value, key, call)) : emit(given, value, key, call);
  };
}
