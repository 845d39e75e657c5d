import type { MessageClass } from '../base/class.js';
import { madeHere } from '../base/copies.js';
import { isTree } from '../joins/tree.js';
import { isWindow } from '../joins/window.js';
import type { ProcessFunctionDescription } from '../mill/plan/find/process-description.js';
import type { LaneOfProcess, LaneProcess, MadeProcess } from '../mill/plan/made-process.js';
import { Origin } from '../mill/plan/origin.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import type { OnError, Token } from '../mill/process/process-options.js';
import { makeTableClass } from '../tables/make-table.js';
import { FlowRun } from './flow-run.js';
import type { FlowStep } from './flow-steps.js';
import { clockUsesOf, linesOf } from './flow-words.js';
import { rowClass } from './keyed/kept-row.js';

/** What a flow begins with. */
export interface FlowSource {
  readonly source: unknown;
  readonly inject: readonly Token[] | undefined;
  readonly onError: OnError | undefined;
}

/** A process function of the steps of a flow. */
export function flowProcess(
  { source, inject = [], onError }: FlowSource,
  steps: readonly FlowStep[],
  classes: readonly MessageClass<any>[],
): ProcessFunction<any> {
  const hasOrigin = steps.some((step) => step.what === 'inspect' && step.fn.length !== 1);
  const kept = keptSteps(steps);
  const tables = kept.flatMap((step) => ('table' in step ? [step.table] : []));
  const own = [...(hasOrigin ? [Origin] : []), ...tables];
  const args = { isTuple: isTree(source) || inject.length > 0, hasOrigin, own: own.length };
  const emits = [...new Set([...classes, ...steps.flatMap(emittedBy)])];
  const holdsBack = kept.some(({ what }) => what === 'batch');
  const keeps = holdsBack || tables.length > 0;
  const name = `the flow over ${nameOf(source)}`;
  const made: MadeProcess = {
    name,
    lines: linesOf(steps),
    clockUses: clockUsesOf(steps),
    holdsBack,
    oneLane: whyOneLane(name, steps),
    open: () => ({
      forLane: (lane: LaneOfProcess): LaneProcess => new FlowRun(name, kept, args, lane),
      close: async () => {},
    }),
  };
  const description: ProcessFunctionDescription = {
    what: 'process',
    source,
    options: Object.freeze({
      emits,
      inject: [...inject, ...own],
      concurrency: keeps ? 1 : mostAtOnce(steps),
      ...(onError !== undefined && { onError }),
      ...(kept.some(givesAtEnd) && { atEnd: () => undefined }),
    }),
    fn: () => undefined,
    made: Object.freeze(made),
  };
  return madeHere(Object.freeze(description)) as unknown as ProcessFunction<any>;
}

/** A flow that keeps something keeps its open lists, too: what is held back could not be written with tables. */
function keptSteps(steps: readonly FlowStep[]): readonly FlowStep[] {
  if (!steps.some((step) => 'table' in step)) return steps;
  return steps.map((step, i): FlowStep => {
    if (step.what !== 'batch') return step;
    const name = `batch, step ${i + 1}`;
    const table = makeTableClass<any, any>(rowClass(name, undefined), undefined, name);
    return { what: 'keyedBatch', name, table, size: step.size, timeoutMs: step.timeoutMs };
  });
}

function emittedBy(step: FlowStep): MessageClass<any>[] {
  if (step.what === 'tee') return [step.message];
  return step.what === 'window' && step.late !== undefined ? [step.late] : [];
}

/** Whether the end of the stream has something to give on. */
function givesAtEnd(step: FlowStep): boolean {
  if (step.what === 'reduce') return step.atEnd !== 'keep';
  return ['batch', 'keyedBatch', 'window'].includes(step.what);
}

function whyOneLane(name: string, steps: readonly FlowStep[]): string | undefined {
  const keyBy = steps.find((step) => step.what === 'keyBy');
  if (keyBy === undefined || keyBy.isLocal || !steps.some((step) => 'table' in step)) return undefined;
  return (
    `${name} keeps something for each key, and there are several lanes: values of one key may come in any of them, and each would keep its own. ` +
    'If the stream is partitioned by that key, or if a lane is to count by itself, say so: keyBy(key, { local: true }). ' +
    'Else write the values to a stream that is partitioned by the key, and read that with a second mill.'
  );
}

function mostAtOnce(steps: readonly FlowStep[]): number {
  return Math.max(1, ...steps.map((step) => (step.what === 'parallel' ? step.calls : 1)));
}

function nameOf(source: unknown): string {
  if (isTree(source) || isWindow(source)) return source.master.name;
  return typeof source === 'function' ? source.name : 'nothing';
}
