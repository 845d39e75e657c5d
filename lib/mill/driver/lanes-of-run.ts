import type { LaneHealth } from '../report/health.js';
import { continuedFrom, type LaneState } from '../report/lane-state.js';
import type { LaneDriver } from './lane-driver.js';

/** A lane of the run: open, over, or both if this process has it again. */
interface Lane {
  readonly name: string;
  driver: LaneDriver | undefined;
  /** Its state when it was over last. */
  past: LaneState | undefined;
}

/**
 * The lanes of a run, in the order in which they were opened last. Of a lane that is over only its counts are kept, not
 * its elements: it may be taken away and return any number of times.
 */
export class LanesOfRun {
  private readonly lanes: Lane[] = [];

  /** Adds a lane until this work is done. */
  async whileOpen(driver: LaneDriver, work: () => Promise<void>): Promise<void> {
    const lane: Lane = { name: driver.name, driver, past: this.takePast(driver.name) };
    this.lanes.push(lane);
    try {
      await work();
    } finally {
      lane.past = stateOf(lane);
      lane.driver = undefined;
    }
  }

  /** Adds a lane that an earlier run had ended. */
  addEnded(name: string, state: LaneState): void {
    const past = this.takePast(name);
    this.lanes.push({ name, driver: undefined, past: past === undefined ? state : continuedFrom(past, state) });
  }

  *open(): Generator<LaneDriver, void> {
    for (const { driver } of this.lanes) if (driver !== undefined) yield driver;
  }

  states(): readonly LaneState[] {
    return this.lanes.flatMap((lane) => stateOf(lane) ?? []);
  }

  /** Of lanes that were opened, also if they are over. */
  health(now: number, stuckAfterMs: number): readonly LaneHealth[] {
    return this.lanes.flatMap(({ name, driver, past }) => {
      if (driver !== undefined) return driver.health(now, stuckAfterMs);
      if (past?.ended === 'already ended') return [];
      return { lane: name, healthy: true, ended: past?.ended, waiting: undefined };
    });
  }

  /** Removes the lane of this name that is over. Returns its state. */
  private takePast(name: string): LaneState | undefined {
    const index = this.lanes.findIndex((lane) => lane.name === name && lane.driver === undefined);
    return index < 0 ? undefined : this.lanes.splice(index, 1)[0]?.past;
  }
}

function stateOf({ driver, past }: Lane): LaneState | undefined {
  if (driver === undefined || past === undefined) return driver?.state() ?? past;
  return continuedFrom(past, driver.state());
}
