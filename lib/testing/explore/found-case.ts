import type { ExploredInputs } from './explored-inputs.js';
import { type Finding, findingIn, type Outcome } from './outcome.js';
import { hasty, type Patience, type Runner, runSchedule } from './run-schedule.js';
import { type Schedule, undisturbed } from './schedule.js';

/** Inputs and a schedule under which a mill shows that something is wrong with it. */
export interface FoundCase {
  readonly inputs: ExploredInputs;
  readonly schedule: Schedule;
  readonly finding: Finding;
  /** The results of the undisturbed run. */
  readonly plain: Outcome;
  /** The results under the schedule. */
  readonly other: Outcome;
}

/** How long rests of a run are waited for. */
export const patienceMs = 20;

/** Runs inputs without disturbance; what that alone shows is a case already. */
export async function plainCase(
  runner: Runner,
  inputs: ExploredInputs,
  patience?: Patience,
): Promise<FoundCase | Outcome> {
  const plain = await runSchedule(runner, inputs, undisturbed, patience);
  const finding = plain.failure === undefined ? findingIn(plain, plain) : undefined;
  return finding === undefined ? plain : { inputs, schedule: undisturbed, finding, plain, other: plain };
}

/** What a schedule shows that the run without disturbance does not. */
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
