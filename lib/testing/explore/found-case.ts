import type { ExploredInputs } from './explored-inputs.js';
import { type Finding, findingIn, type Outcome } from './outcome.js';
import { hasty, type Patience, type Runner, runSchedule } from './run-schedule.js';
import { type Schedule, undisturbed } from './schedule.js';

/** Inputs and a schedule that show a fault of a mill. */
export interface FoundCase {
  readonly inputs: ExploredInputs;
  readonly schedule: Schedule;
  readonly finding: Finding;
  /** The outcome of the undisturbed run. */
  readonly plain: Outcome;
  /** The outcome under the schedule. */
  readonly other: Outcome;
}

/** How long to wait for remaining work of a run. Milliseconds. */
export const patienceMs = 20;

/** Runs inputs without disturbance; a fault in that run is already a case. */
export async function plainCase(
  runner: Runner,
  inputs: ExploredInputs,
  patience?: Patience,
): Promise<FoundCase | Outcome> {
  const plain = await runSchedule(runner, inputs, undisturbed, patience);
  const finding = plain.failure === undefined ? findingIn(plain, plain) : undefined;
  return finding === undefined ? plain : { inputs, schedule: undisturbed, finding, plain, other: plain };
}

/** A fault that a schedule shows and the undisturbed run does not. */
export async function disturbedCase(
  runner: Runner,
  inputs: ExploredInputs,
  plain: Outcome,
  schedule: Schedule,
  patience: Patience = hasty,
): Promise<FoundCase | undefined> {
  const other = await runSchedule(runner, inputs, schedule, patience);
  const finding = findingIn(plain, other);
  return finding === undefined ? undefined : { inputs, schedule, finding, plain, other };
}

export function isCase(found: FoundCase | Outcome): found is FoundCase {
  return 'finding' in found;
}
