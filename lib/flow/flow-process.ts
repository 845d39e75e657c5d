import type { MessageClass } from '../base/class.js';
import { madeHere, shared } from '../base/loaded-copies.js';
import { WaterMillError } from '../base/watermill-error.js';
import { isFoldedWindow } from '../joins/folded-window.js';
import { isTree } from '../joins/tree.js';
import { isWindow } from '../joins/windows/window.js';
import { isMessageClass, schemaOf } from '../messages/index.js';
import type { ProcessFunctionDescription } from '../mill/plan/find/process-description.js';
import type { LaneOfProcess, LaneProcess, MadeProcess } from '../mill/plan/made-process.js';
import { Origin } from '../mill/plan/origin.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import type { OnError, Token } from '../mill/process/process-options.js';
import { FlowRun } from './flow-run.js';
import type { FlowStep } from './flow-steps.js';
import { clockUsesOf, linesOf } from './flow-words.js';
import { rowTable } from './keyed/kept-row.js';

/** The start of a flow. */
export interface FlowSource {
  readonly source: unknown;
  readonly inject: readonly Token[] | undefined;
  readonly onError: OnError | undefined;
  /** The stage before it writes what it reads. */
  readonly isOfStage?: boolean;
}

/** A complete flow. */
export interface FlowDescription {
  readonly source: FlowSource;
  readonly steps: readonly FlowStep[];
  /** The classes passed to `to`. */
  readonly classes: readonly MessageClass<any>[];
}

/** The property of a process function that contains its flow. */
const flowKey: unique symbol = shared('flow of a process', () => Symbol('flow')) as never;

/** The flow of a process; undefined if it was not made from one. */
export function flowOf(process: unknown): FlowDescription | undefined {
  return typeof process === 'object' && process !== null ? (process as any)[flowKey] : undefined;
}

/** Makes a process function from the steps of a flow. */
export function flowProcess(flow: FlowDescription): ProcessFunction<any> {
  const { steps, classes } = flow;
  const { source, inject = [], onError } = flow.source;
  const hasOrigin = steps.some((step) => step.what === 'inspect' && step.fn.length !== 1);
  const kept = keptSteps(steps);
  const tables = kept.flatMap((step) => ('table' in step ? [step.table] : []));
  const own = [...(hasOrigin ? [Origin] : []), ...tables];
  const args = { isTuple: isTree(source) || inject.length > 0, hasOrigin, own: own.length };
  const emits = [...new Set([...classes, ...steps.flatMap(emittedBy)])];
  refuseOthersIn(steps, classes);
  refuseSameStreams(source, steps, emits);
  const holdsBack = kept.some(({ what }) => what === 'batch');
  const keeps = holdsBack || tables.length > 0;
  const name = `the flow over ${masterOf(source)?.name ?? 'nothing'}`;
  const keys = new Map(steps.flatMap((step) => (step.what === 'through' ? [[step.message, step.fn] as const] : [])));
  const made: MadeProcess = {
    name,
    lines: linesOf(steps),
    clockUses: clockUsesOf(steps),
    holdsBack,
    oneLane: whyOneLane(name, steps),
    keys,
    emitsWith: (names) => `.to(${names})`,
    readsStage: flow.source.isOfStage === true,
    open: () => ({
      forLane: (lane: LaneOfProcess): LaneProcess => new FlowRun(name, kept, args, lane),
      close: async () => {},
    }),
  };
  const description: ProcessFunctionDescription & { readonly [flowKey]: FlowDescription } = {
    what: 'process',
    source,
    options: Object.freeze({
      emits,
      inject: [...inject, ...own],
      concurrency: keeps ? 1 : mostAtOnce(steps),
      ...(onError !== undefined && { onError }),
      ...(kept.some(emitsAtEnd) && { atEnd: () => undefined }),
    }),
    fn: () => undefined,
    made: Object.freeze(made),
    [flowKey]: flow,
  };
  return madeHere(Object.freeze(description)) as unknown as ProcessFunction<any>;
}

/**
 * A flow with tables keeps its open lists in a table, too: results that are held back could not be committed with
 * tables.
 */
function keptSteps(steps: readonly FlowStep[]): readonly FlowStep[] {
  if (!steps.some((step) => 'table' in step)) return steps;
  return steps.map((step, i): FlowStep => {
    if (step.what !== 'batch') return step;
    const name = `batch, step ${i + 1}`;
    const table = rowTable(name, undefined);
    return { what: 'keyedBatch', name, table, size: step.size, timeoutMs: step.timeoutMs };
  });
}

function emittedBy(step: FlowStep): MessageClass<any>[] {
  if (step.what === 'tee' || step.what === 'through') return [step.message];
  return step.what === 'window' && step.late !== undefined ? [step.late] : [];
}

/**
 * Throws for a class that is written to a stream that the flow goes through: its elements would be read from there as
 * well.
 */
function refuseOthersIn(steps: readonly FlowStep[], classes: readonly MessageClass<any>[]): void {
  const written = [...steps.flatMap(emittedBy), ...new Set(classes)];
  for (const step of steps) {
    if (step.what !== 'through' || written.filter((each) => each === step.message).length === 1) continue;
    const { name } = step.message;
    throw new WaterMillError(
      'WM_FLOW',
      `The flow goes through ${name}, and writes ${name} elsewhere as well, by through(), tee(), late or to(): those elements would be read from the stream of ${name}, too. Use another class there (an alias will do).`,
      { message: name },
    );
  }
}

/**
 * Throws if a stage writes the stream that the first one reads, which would never end, and if two stages would have the
 * same name.
 */
function refuseSameStreams(source: unknown, steps: readonly FlowStep[], emits: readonly MessageClass<any>[]): void {
  const between = steps.flatMap((step) => (step.what === 'through' ? [step.message] : []));
  if (between.length === 0) return;
  const reads = classesOf(source);
  const again = reads.find((each) => emits.includes(each));
  if (again !== undefined) {
    const { name } = again;
    throw new WaterMillError(
      'WM_FLOW',
      `The flow reads ${name}, and writes ${name} as well: its first stage would read what a later one has written, without end. Use another class for what it writes (an alias will do), with a stream of its own.`,
      { message: name },
    );
  }
  const names = new Set(reads.map((each) => schemaOf(each).name));
  for (const message of between) {
    const { name } = schemaOf(message);
    if (names.has(name)) {
      throw new WaterMillError(
        'WM_FLOW',
        `The flow reads two classes called ${name}: a stage has the name of the class that it reads, and its group is named after it. Give one of them another name: @Message({ name: '…' }).`,
        { message: name },
      );
    }
    names.add(name);
  }
}

/** Returns whether a step passes something on at the end of the stream. */
function emitsAtEnd(step: FlowStep): boolean {
  if (step.what === 'reduce') return step.atEnd !== 'keep';
  return ['batch', 'keyedBatch', 'window'].includes(step.what);
}

function whyOneLane(name: string, steps: readonly FlowStep[]): MadeProcess['oneLane'] {
  for (const step of steps) {
    if (step.what === 'through' && step.passesOn) {
      const { name: message } = step.message;
      return (lanes) =>
        `${name} goes through ${message}, and ${lanes}: the elements of one key arrive in any of them, and meet in the stream of ${message}. ` +
        'So each stage is a separate mill, with its own group: runStages(process, (stage) => new WaterMill({ process: stage.process, broker: … })) of watermill/flow runs them, ' +
        'or run each process of stagesOf(process) as a service.';
    }
    if (step.what === 'keyBy' && step.lanes === 'one') {
      return (lanes) =>
        `${name} keeps something for each key, and ${lanes}: values of one key may arrive in any of them, and each would keep its own. ` +
        'If the stream is partitioned by that key, or if a lane is to count by itself, say so: keyBy(key, { local: true }). ' +
        'Else replace keyBy by .through(Class, key): it writes the values, as elements of a class, to a stream that is partitioned by the key.';
    }
  }
  return undefined;
}

function mostAtOnce(steps: readonly FlowStep[]): number {
  return Math.max(1, ...steps.map((step) => (step.what === 'parallel' ? step.calls : 1)));
}

/** All classes that a source reads; none if it is invalid. */
function classesOf(source: unknown): readonly MessageClass<any>[] {
  if (isFoldedWindow(source)) return classesOf(source.source);
  if (isTree(source)) {
    return [source.master as MessageClass<any>, ...source.edges.flatMap(({ child }) => classesOf(child))];
  }
  const master = masterOf(source);
  return isMessageClass(master) ? [master] : [];
}

/** The class whose elements a flow is called with; undefined if the source is invalid. */
export function masterOf(source: unknown): MessageClass<any> | undefined {
  if (isFoldedWindow(source)) return masterOf(source.source);
  if (isTree(source) || isWindow(source)) return source.master as MessageClass<any>;
  return typeof source === 'function' ? (source as MessageClass<any>) : undefined;
}
