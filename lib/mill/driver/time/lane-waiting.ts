import type { LaneMachine } from '../../lane/lane-machine.js';
import type { PlanNode } from '../../plan/plan.js';
import type { ProcessCalls } from '../calls/process-calls.js';
import type { CommitSchedule } from '../commit/commit-schedule.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { LaneContext } from '../lane-context.js';
import { timeoutKeyError } from '../results/lane-errors.js';
import type { Wakeup } from './wakeup.js';
import { WindowTimer } from './window-timer.js';

interface WaitingLane {
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly schedule: CommitSchedule;
  readonly calls: ProcessCalls;
  readonly wakeup: Wakeup;
  /** Returns the number of calls whose promises are pending. */
  readonly pendingCalls: () => number;
}

/** The waiting of a lane: for what, for how long, and what happens when the time has passed. */
export class LaneWaiting {
  private readonly windowTimer: WindowTimer;
  private timer: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(private readonly parts: WaitingLane) {
    const { plan, leader } = parts.context;
    this.windowTimer = new WindowTimer(plan.window, leader.timeouts?.pollTimeoutMs);
  }

  /** Notes that the lane was fed this many master elements. */
  fed(masterElements: number): void {
    if (masterElements > 0 && this.windowTimer.active) this.windowTimer.fed(this.parts.context.clock.now());
  }

  /** Times out an open window whose master was silent for too long. Returns whether it did. */
  windowClosed(nodes: readonly number[]): boolean {
    if (!this.windowTimer.active || !nodes.includes(0)) return false;
    const { lane, calls, schedule, context } = this.parts;
    const now = context.clock.now();
    this.windowTimer.waits(now, lane, calls.calls);
    try {
      const rang = this.windowTimer.ring(lane, now);
      if (rang) schedule.advance(0);
      return rang;
    } catch (error) {
      throw timeoutKeyError(error, context.plan.nodes[0] as PlanNode);
    }
  }

  /** Returns whether the timer of a step is due. */
  get isTimeOfStep(): boolean {
    const deadline = this.stepDeadline;
    return deadline !== undefined && deadline <= this.parts.context.clock.now();
  }

  private get stepDeadline(): number | undefined {
    return this.parts.context.process.own?.timer?.deadline();
  }

  /** Resolves when something arrived, or when something is due. */
  async forMore(nodes: readonly number[]): Promise<void> {
    await this.until(this.deadline(nodes));
    this.parts.inputs.idle.check(nodes);
  }

  /** Resolves when results were saved, or when a commit is due. The timer is reused by later pauses. */
  forSaves(): Promise<void> {
    const { deadline } = this.parts.schedule;
    if (deadline !== undefined && !(this.timer !== undefined && this.timer.at <= deadline)) this.wakeAt(deadline);
    return this.asleep();
  }

  /** Cancels the timer: the lane is over. */
  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private wakeAt(at: number): void {
    const { context, wakeup } = this.parts;
    const { clock } = context;
    this.timer?.cancel();
    const ring = (): void => {
      this.timer = undefined;
      wakeup.wake();
    };
    this.timer = { at, cancel: clock.setTimer(Math.max(0, at - clock.now()), ring) };
  }

  /** Resolves at the next wake, or at this time at the latest. */
  private async until(deadline: number | undefined): Promise<void> {
    const { context, wakeup } = this.parts;
    const { clock } = context;
    const cancel =
      deadline === undefined ? undefined : clock.setTimer(Math.max(0, deadline - clock.now()), wakeup.wake);
    await this.asleep();
    cancel?.();
  }

  private async asleep(): Promise<void> {
    const { context, wakeup, pendingCalls } = this.parts;
    const { clock } = context;
    // A pending call is not sleep: when it settles, the lane is woken.
    if (clock.laneSleeps !== undefined) clock.laneSleeps(pendingCalls() === 0);
    await wakeup.wait();
    wakeup.awake();
    clock.laneSleeps?.(false);
  }

  private deadline(nodes: readonly number[]): number | undefined {
    const { context, inputs, schedule } = this.parts;
    const ofWindow = nodes.includes(0) ? this.windowTimer.deadline : undefined;
    const ofSilence = inputs.idle.deadline(nodes, context.clock.now());
    const all = [ofSilence, ofWindow, this.stepDeadline, schedule.deadline].filter((each) => each !== undefined);
    return all.length === 0 ? undefined : Math.min(...all);
  }
}
