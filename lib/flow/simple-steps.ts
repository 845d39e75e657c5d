import { functionText } from '../base/function-text.js';
import { copyOfKey, type Key, keyType } from '../expressions/key.js';
import { type FlowCall, isPromise, type Push } from './flow-call.js';
import type { FlowStep, StepFunction } from './flow-steps.js';
import { wrongValue } from './step-checks.js';

/** Stateless steps that pass on at most one value: consecutive ones are compiled into one function. */
export type SimpleDescription = FlowStep & { readonly what: 'map' | 'filter' | 'filterMap' | 'keyBy' };

export interface SimpleStep {
  readonly what: SimpleDescription['what'];
  readonly fn: StepFunction;
  /** The next step. */
  readonly next: Push;
  readonly push: Push;
  /** Handles a result of the step's function that is a promise, or not allowed. */
  readonly otherwise: (given: any, value: any, key: any, call: FlowCall) => void | Promise<void>;
}

export function isSimple(step: FlowStep): step is SimpleDescription {
  return step.what === 'map' || step.what === 'filter' || step.what === 'filterMap' || step.what === 'keyBy';
}

export function simpleStep({ what, fn }: SimpleDescription, next: Push, flow: string): SimpleStep {
  switch (what) {
    case 'map':
      return mapStep(fn, next);
    case 'filter':
      return filterStep(fn, next, flow);
    case 'filterMap':
      return filterMapStep(fn, next);
    case 'keyBy':
      return keyByStep(fn, next, flow);
  }
}

function keyByStep(fn: StepFunction, next: Push, flow: string): SimpleStep {
  const withKey = (key: unknown, value: any, call: FlowCall): void | Promise<void> => {
    // A Date or an array may be a part of the value, which later steps may change.
    if (keyType(key) !== undefined) return next(value, copyOfKey(key as Key), call);
    throw wrongValue(
      `${flow}: keyBy(${functionText(fn)}) returned`,
      'a number, bigint, string, boolean or Date, or a tuple of them',
      key,
    );
  };
  const otherwise: SimpleStep['otherwise'] = (key, value, _key, call) =>
    isPromise(key) ? key.then((each) => withKey(each, value, call)) : withKey(key, value, call);
  const push: Push = (value, before, call) => {
    const key = fn(value);
    const isUsual = typeof key === 'string' || Number.isFinite(key);
    return isUsual ? next(value, key, call) : otherwise(key, value, before, call);
  };
  return { what: 'keyBy', fn, next, push, otherwise };
}

export function mapStep(fn: StepFunction, next: Push): SimpleStep {
  const otherwise: SimpleStep['otherwise'] = (mapped, _value, key, call) =>
    mapped.then((each: unknown) => next(each, key, call));
  const push: Push = (value, key, call) => {
    const mapped = fn(value, key);
    return isPromise(mapped) ? otherwise(mapped, value, key, call) : next(mapped, key, call);
  };
  return { what: 'map', fn, next, push, otherwise };
}

function filterMapStep(fn: StepFunction, next: Push): SimpleStep {
  const unlessNothing: Push = (mapped, key, call) =>
    mapped === undefined || mapped === null ? undefined : next(mapped, key, call);
  return { ...mapStep(fn, unlessNothing), what: 'filterMap', next };
}

function filterStep(fn: StepFunction, next: Push, flow: string): SimpleStep {
  const kept = (verdict: unknown, value: any, key: any, call: FlowCall): void | Promise<void> => {
    if (verdict === true) return next(value, key, call);
    if (verdict !== false) {
      const fix = ' Compare: value !== undefined, or !!value.';
      throw wrongValue(`${flow}: filter(${functionText(fn)}) returned`, 'true or false', verdict, fix);
    }
  };
  const otherwise: SimpleStep['otherwise'] = (verdict, value, key, call) =>
    isPromise(verdict) ? verdict.then((each) => kept(each, value, key, call)) : kept(verdict, value, key, call);
  const push: Push = (value, key, call) => {
    const verdict = fn(value, key);
    if (verdict === true) return next(value, key, call);
    return verdict === false ? undefined : otherwise(verdict, value, key, call);
  };
  return { what: 'filter', fn, next, push, otherwise };
}
