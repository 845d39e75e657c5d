import type { MessageClass } from '../base/class.js';
import { schemaOf } from '../messages/index.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import { type FlowDescription, flowOf, flowProcess, masterOf } from './flow-process.js';
import type { FlowStep } from './flow-steps.js';
import { checkFunction, refused } from './step-checks.js';

/** A part of a flow that is a separate process: the steps between two streams. */
export interface FlowStage {
  /** The name of the message that it reads, unique within the flow, so that it can be part of a group's name. */
  readonly name: string;
  readonly process: ProcessFunction<any>;
}

/** A mill that runs a stage. */
export interface StageMill<R> {
  run(): Promise<R>;
  stop(): Promise<void>;
}

/**
 * The stages of a flow with `through`, in order: each except the last one writes to the stream that the next one reads.
 * On a broker with several lanes each stage is a separate mill with its own group, in one process or as services. A
 * flow without `through` is one stage.
 *
 * @example
 * ```ts no-run
 * for (const { name, process } of stagesOf(visits)) {
 *   mills.push(new WaterMill({ process, broker: kafka(`visits-${name}`) }));
 * }
 * ```
 */
export function stagesOf(process: ProcessFunction<any>): readonly FlowStage[] {
  const found = flowOf(process);
  if (found === undefined) throw refused('stagesOf()', 'a flow that has ended with .to(…)', process);
  return partsOf(found).map((part) => ({
    name: schemaOf(masterOf(part.source.source) as MessageClass<any>).name,
    process: flowProcess(part),
  }));
}

/**
 * Runs all stages of a flow concurrently in this process, each with the mill that `millOf` returns for it. Resolves to
 * the reports, in the order of the stages, when all have ended: the end of a stage is the end of the stream that the
 * next one reads. If a stage fails, the others are stopped, and the promise rejects with the error of the first one
 * that failed.
 *
 * @example
 * ```ts no-run
 * await runStages(visits, ({ name, process }) => new WaterMill({ process, broker: kafka(`visits-${name}`) }));
 * ```
 */
export async function runStages<R>(
  process: ProcessFunction<any>,
  millOf: (stage: FlowStage) => StageMill<R>,
): Promise<readonly R[]> {
  checkFunction('runStages(): what makes the mill of a stage', millOf);
  const mills = stagesOf(process).map((stage) => checkedMill(stage.name, millOf(stage)));
  const errors: unknown[] = [];
  const runs = mills.map(async (mill) => {
    try {
      return await mill.run();
    } catch (error) {
      errors.push(error);
      // Their own runs report their errors.
      for (const other of mills) if (other !== mill) other.stop().catch(() => {});
      return undefined;
    }
  });
  const reports = await Promise.all(runs);
  if (errors.length > 0) throw errors[0];
  return reports as readonly R[];
}

function checkedMill<R>(stage: string, mill: StageMill<R>): StageMill<R> {
  if (typeof mill?.run === 'function' && typeof mill.stop === 'function') return mill;
  throw refused(`runStages(): what was made for the stage ${stage}`, 'a mill: return new WaterMill({ … })', mill);
}

function partsOf({ source, steps, classes }: FlowDescription): readonly FlowDescription[] {
  const parts: FlowDescription[] = [];
  let from = source;
  let own: FlowStep[] = [];
  for (const step of steps) {
    if (step.what !== 'through') {
      own.push(step);
      continue;
    }
    const { message, fn } = step;
    parts.push({ source: from, steps: [...own, { ...step, passesOn: false }], classes: [] });
    from = { source: message, inject: undefined, onError: source.onError, isOfStage: true };
    own = [{ what: 'keyBy', fn, lanes: 'through' }];
  }
  return [...parts, { source: from, steps: own, classes }];
}
