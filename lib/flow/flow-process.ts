import type { MessageClass } from '../base/class.js';
import { madeHere } from '../base/copies.js';
import { isTree } from '../joins/tree.js';
import { isWindow } from '../joins/window.js';
import type { ProcessFunctionDescription } from '../mill/plan/find/process-description.js';
import type { LaneOfProcess, LaneProcess, MadeProcess } from '../mill/plan/made-process.js';
import { Origin } from '../mill/plan/origin.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import type { OnError, Token } from '../mill/process/process-options.js';
import { FlowRun } from './flow-run.js';
import type { FlowStep } from './flow-steps.js';
import { clockUsesOf, linesOf } from './flow-words.js';

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
  const own = hasOrigin ? [Origin] : [];
  const args = { isTuple: isTree(source) || inject.length > 0, hasOrigin, own: own.length };
  const emits = [...new Set([...classes, ...steps.flatMap((step) => (step.what === 'tee' ? [step.message] : []))])];
  const holdsBack = steps.some(({ what }) => what === 'batch');
  const name = `the flow over ${nameOf(source)}`;
  const made: MadeProcess = {
    name,
    lines: linesOf(steps),
    clockUses: clockUsesOf(steps),
    holdsBack,
    oneLane: undefined,
    open: () => ({
      forLane: (lane: LaneOfProcess): LaneProcess => new FlowRun(name, steps, args, lane),
      close: async () => {},
    }),
  };
  const description: ProcessFunctionDescription = {
    what: 'process',
    source,
    options: Object.freeze({
      emits,
      inject: [...inject, ...own],
      concurrency: holdsBack ? 1 : mostAtOnce(steps),
      ...(onError !== undefined && { onError }),
      ...(holdsBack && { atEnd: () => undefined }),
    }),
    fn: () => undefined,
    made: Object.freeze(made),
  };
  return madeHere(Object.freeze(description)) as unknown as ProcessFunction<any>;
}

function mostAtOnce(steps: readonly FlowStep[]): number {
  return Math.max(1, ...steps.map((step) => (step.what === 'parallel' ? step.calls : 1)));
}

function nameOf(source: unknown): string {
  if (isTree(source) || isWindow(source)) return source.master.name;
  return typeof source === 'function' ? source.name : 'nothing';
}
