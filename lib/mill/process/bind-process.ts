import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { printToken } from '../plan/in-words.js';
import type { LaneOfProcess, LaneProcess, OpenProcess } from '../plan/made-process.js';
import type { InjectedParameter, Plan, ProcessPlan, TableParameter } from '../plan/plan.js';
import type { Container } from '../plan/plan-options.js';
import type { CallEach, MakeCall } from './call-given.js';
import { type CallTables, layoutOf } from './call-layout.js';
import { containerFor } from './default-container.js';
import { disposeInstance } from './dispose-instance.js';
import { generatedCall, generatedSeries } from './generated-call.js';
import { interpretedCall, interpretedSeries } from './interpreted-call.js';
import { resultTaker, type TakeResults } from './take-results.js';

/** A process with its instance and its injected parameters, ready to be called. */
export interface BoundProcess {
  /** Calls the process function for an answer of the lane. Returns its return value, for `takeResults`. */
  readonly call: MakeCall;
  /** Like `call`, for several calls of one element each that need only their elements. */
  readonly callEach: CallEach;
  /** Every call returns a promise, as its declaration shows. */
  readonly isAsync: boolean;
  /** Passes the results in the return value of a call to a sink. Returns whether the process ended the stream. */
  readonly takeResults: TakeResults;
  /** Like `takeResults`, for the results that were passed to `saveResults`. */
  readonly takeSaved: TakeResults;
  /** Calls the unmatched method of a child node. Returns its return value, for `takeResults`. */
  unmatched(node: number, element: object): unknown;
  /**
   * Makes the call at the end of the streams. Returns its return value, for `takeResults`. Undefined if there is none.
   */
  readonly atEnd: (() => unknown) | undefined;
  /** The process for the calls of one lane, with the lane's tables. */
  forLane(lane: LaneOfBound): BoundProcess;
  /** The state of a process that is instantiated for each lane. */
  readonly own: LaneProcess | undefined;
  /** Disposes of the instance if it came from the container for this mill. May be called more than once. */
  dispose(): Promise<void>;
}

/** The context of a lane. */
interface LaneOfBound {
  readonly name: string;
  readonly now: () => number;
  readonly tables: CallTables | undefined;
}

/**
 * Resolves the process's instance and its injected parameters, each once, by the given container or by `containerFor`.
 * Throws `WM_INJECTION` if a container fails.
 */
export async function bindProcess(plan: Plan, container?: Container): Promise<BoundProcess> {
  const { owner, unmatched, atEnd, parameters } = plan.process;
  const resolve = async (token: unknown, place: string): Promise<unknown> =>
    resolveOne(container ?? containerFor(token), token, place);
  const self = await ownerOf(plan.process, resolve);
  let opened: OpenProcess | undefined;
  const dispose = once(() => (owner.what === 'class' ? disposeInstance(self as object) : opened?.close()));
  try {
    opened = await plan.process.made?.open(plan.nodes.map(({ message }) => message));
    const injected = parameters.filter(isInjected);
    const values = await resolveAll(injected, resolve);
    // Objects that calls fill are read at the end: the same token resolves to the same object.
    const resolveAtEnd: Resolve = (token, place) => {
      const known = injected.findIndex((each) => each.token === token);
      return known < 0 ? resolve(token, place) : Promise.resolve(values[known]);
    };
    const unmatchedValues: (readonly unknown[])[] = [];
    for (const { injected } of unmatched) unmatchedValues.push(await resolveAll(injected.filter(isInjected), resolve));
    const valuesAtEnd = await resolveAll((atEnd?.injected ?? []).filter(isInjected), resolveAtEnd);
    return boundTo(undefined, { plan, self, values, unmatchedValues, valuesAtEnd, opened, dispose });
  } catch (error) {
    await dispose().catch(() => {});
    throw error;
  }
}

/** The objects that are resolved once, for all lanes. */
interface Resolved {
  readonly plan: Plan;
  readonly self: unknown;
  /** One per injected parameter. */
  readonly values: readonly unknown[];
  /** For each unmatched method. */
  readonly unmatchedValues: readonly (readonly unknown[])[];
  readonly valuesAtEnd: readonly unknown[];
  readonly opened: OpenProcess | undefined;
  readonly dispose: () => Promise<void>;
}

function boundTo(lane: LaneOfBound | undefined, resolved: Resolved): BoundProcess {
  const { plan, self, values, unmatchedValues, valuesAtEnd, opened, dispose } = resolved;
  const tables = lane?.tables;
  const own = lane && opened?.forLane(laneOfProcess(plan, lane));
  const { unmatched, callee, name, emits, atEnd } = plan.process;
  const functions = new Map<number, (element: object) => unknown>();
  for (const [i, { node, callee, injected, name }] of unmatched.entries()) {
    const args = withTables(injected, unmatchedValues[i] ?? [], tables);
    functions.set(node, unmatchedCall(calledOf(self, callee, name), self, args));
  }
  const fnAtEnd = atEnd && calledOf(self, atEnd.callee, atEnd.name);
  const argsAtEnd = withTables(atEnd?.injected ?? [], valuesAtEnd, tables);
  const fn = own?.fn ?? calledOf(self, callee, name);
  const layout = layoutOf(plan, values, tables);
  const call = generatedCall(fn, self, layout) ?? interpretedCall(fn, self, layout);
  const result = emits.length === 1 ? emits[0] : undefined;
  const reads = plan.nodes.map(({ message }) => message);
  const bound: BoundProcess = {
    call,
    isAsync: Object.prototype.toString.call(fn).startsWith('[object Async'),
    callEach: generatedSeries(fn, self, layout, result) ?? interpretedSeries(call, result, layout.callBegins),
    takeResults: resultTaker(plan.process, reads),
    takeSaved: resultTaker(plan.process, reads, (method) => `saveResults, for a call of ${method}, was given`),
    unmatched: (node, element) => functions.get(node)!(element),
    atEnd: own?.atEnd ?? (fnAtEnd && (() => fnAtEnd.apply(self, argsAtEnd))),
    forLane: (one) => (plan.tables.length === 0 && opened === undefined ? bound : boundTo(one, resolved)),
    own,
    dispose,
  };
  return bound;
}

function laneOfProcess({ tables }: Plan, { name, now, tables: own }: LaneOfBound): LaneOfProcess {
  return {
    name,
    now,
    tableOf: (table) => own?.instances[tables.findIndex((each) => each.table === table)] as object,
  };
}

/** The arguments: resolved values, with the tables of a lane in between. */
function withTables(
  parameters: readonly (InjectedParameter | TableParameter)[],
  values: readonly unknown[],
  tables: CallTables | undefined,
): unknown[] {
  const left = [...values];
  return parameters.map((each) => (each.what === 'table' ? tables?.instances[each.table] : left.shift()));
}

type Resolve = (token: unknown, place: string) => Promise<unknown>;

async function ownerOf({ owner, name }: ProcessPlan, resolve: Resolve): Promise<unknown> {
  if (owner.what === 'instance') return owner.instance;
  return owner.what === 'class' ? resolve(owner.class, `the instance for ${name}`) : undefined;
}

async function resolveAll(parameters: readonly InjectedParameter[], resolve: Resolve): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const { token, place } of parameters) values.push(await resolve(token, place));
  return values;
}

async function resolveOne(container: Container, token: unknown, place: string): Promise<unknown> {
  const name = printToken(token);
  let reason = 'it returned undefined';
  let cause: unknown;
  try {
    const value = await container.resolve(token);
    if (value !== undefined) return value;
  } catch (error) {
    cause = error;
    reason = reasonOf(error);
  }
  const fix =
    typeof token === 'function'
      ? `Write @injectable() above class ${name} (its constructor's parameters included), or register it in the container.`
      : `Register ${name} in the container.`;
  throw new WaterMillError(
    'WM_INJECTION',
    `The container could not resolve ${place}, ${name}: ${reason}. ${fix}`,
    { expected: name, place },
    cause === undefined ? undefined : { cause },
  );
}

/** A container may return another class than the requested one, a test double for instance. */
function calledOf(self: unknown, callee: string | symbol | Function, name: string): Function {
  if (typeof callee === 'function') return callee;
  const method = (self as Record<string | symbol, unknown>)[callee];
  if (typeof method === 'function') return method;
  throw new WaterMillError(
    'WM_INJECTION',
    `What the container returned for ${name} has no method ${String(callee)}. Register an object that has it.`,
  );
}

function unmatchedCall(fn: Function, self: unknown, injected: readonly unknown[]): (element: object) => unknown {
  return (element) => fn.call(self, element, ...injected);
}

function isInjected(parameter: { readonly what: string }): parameter is InjectedParameter {
  return parameter.what === 'injected';
}

function once(work: () => Promise<void> | undefined): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= Promise.resolve(work());
    return done;
  };
}
