import type { ExploredInputs } from './explored-inputs.js';
import { disturbedCase, type FoundCase, isCase, patienceMs, plainCase } from './found-case.js';
import { hasty, type Runner } from './run-schedule.js';
import { plainSchedules, type Schedule, simpler } from './schedule.js';

/** The maximum number of smaller cases to try. */
const mostTries = 1_000;

/** Shrinks a case as long as it shows the same kind of fault: fewer elements, and a simpler schedule. */
export class Shrink {
  private tries = 0;

  constructor(
    private readonly runner: Runner,
    private best: FoundCase,
  ) {}

  async smallest(): Promise<FoundCase> {
    // A disturbance everywhere survives removing elements; a crash at the 57th commit does not.
    await this.trySchedules(this.plainOnes());
    await this.fewerElements();
    await this.trySchedules(this.plainOnes());
    for (let before = ''; before !== this.size(); ) {
      before = this.size();
      await this.fewerElements();
      while (await this.trySchedules(simpler(this.best.schedule)));
    }
    return this.best;
  }

  /** The simplest comes first. */
  private plainOnes(): readonly Schedule[] {
    return plainSchedules(this.best.inputs.count);
  }

  private size(): string {
    return `${this.best.inputs.count} ${JSON.stringify(this.best.schedule)}`;
  }

  private async trySchedules(schedules: readonly Schedule[]): Promise<boolean> {
    for (const schedule of schedules) {
      if (JSON.stringify(schedule) === JSON.stringify(this.best.schedule)) return false;
      if (await this.holds(this.best.inputs, schedule)) return true;
    }
    return false;
  }

  /** Removes runs of elements, long ones first, finally one by one. */
  private async fewerElements(): Promise<void> {
    for (let length = Math.ceil(this.best.inputs.count / 2); length >= 1; length = Math.floor(length / 2)) {
      for (let from = 0; from < this.best.inputs.count; ) {
        const left = new Set(this.best.inputs.places().slice(from, from + length));
        if (!(await this.holds(this.best.inputs.without(left), this.best.schedule))) from += length;
      }
    }
  }

  /** Returns whether a case shows the same kind of fault: then it is the best so far. */
  private async holds(inputs: ExploredInputs, schedule: Schedule): Promise<boolean> {
    if (this.tries++ >= mostTries) return false;
    const { what } = this.best.finding;
    const isLate = what !== 'other results' && what !== 'failure' && what !== 'standstill';
    const patience = {
      ...hasty,
      looksBack: what === 'earlier result changed',
      // Known to get stuck: each such case takes this long.
      ...(what === 'standstill' && { standstillMs: 1_000 }),
    };
    const plain = await plainCase(this.runner, inputs, { ...patience, waitMs: isLate ? patienceMs : 0 });
    const found = isCase(plain)
      ? plain
      : plain.failure === undefined && (await disturbedCase(this.runner, inputs, plain, schedule, patience));
    if (!found || found.finding.what !== what) return false;
    this.best = found;
    return true;
  }
}
