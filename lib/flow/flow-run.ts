import type { LaneOfProcess, LaneProcess, LaneTimer } from '../mill/plan/made-process.js';
import type { Origin } from '../mill/plan/origin.js';
import { compose } from './compose.js';
import type { FlowBatch } from './flow-batch.js';
import { type FlowArguments, FlowCall, type FlowStep, type Push } from './flow-steps.js';

/** A flow in one lane: its steps as one function, and what they keep from one call to the next. */
export class FlowRun implements LaneProcess {
  readonly fn: Function;
  readonly timer: LaneTimer | undefined;
  private readonly push: Push;
  /** In the order of the steps. */
  private readonly batches: readonly FlowBatch[];
  /** A call that is over, to be used again. */
  private idle: FlowCall | undefined;

  constructor(flow: string, steps: readonly FlowStep[], args: FlowArguments, lane: LaneOfProcess) {
    const batches: FlowBatch[] = [];
    this.push = compose(steps, { now: lane.now, flow }, batches);
    // Steps are composed from the last one to the first.
    this.batches = batches.reverse();
    this.fn = args.isTuple || args.hasOrigin ? this.callWith(args) : (value: unknown) => this.call(value, undefined);
    const isTimed = steps.some((step) => step.what === 'batch' && step.timeoutMs !== undefined);
    this.timer = isTimed ? { deadline: () => this.deadline(), ring: () => this.giveOpen(lane.now()) } : undefined;
  }

  /** The end of the stream: open lists are given on. */
  readonly atEnd = (): unknown => this.giveOpen(Number.POSITIVE_INFINITY);

  readonly isHolding = (): boolean => {
    for (const batch of this.batches) if (batch.isOpen) return true;
    return false;
  };

  readonly callFailed = (): void => {
    for (const batch of this.batches) batch.callFailed();
  };

  private callWith({ isTuple, hasOrigin, own }: FlowArguments): Function {
    return (...args: unknown[]) => {
      const origin = hasOrigin ? (args[args.length - own] as Origin) : undefined;
      return this.call(isTuple ? args.slice(0, args.length - own) : args[0], origin);
    };
  }

  private call(value: unknown, origin: Origin | undefined): unknown {
    const call = this.begin();
    if (origin !== undefined) {
      call.lane = origin.partition;
      call.position = origin.position;
    }
    return this.end(call, this.push(value, undefined, call));
  }

  private begin(): FlowCall {
    const call = this.idle ?? new FlowCall();
    this.idle = undefined;
    for (const batch of this.batches) batch.callBegins();
    return call;
  }

  private end(call: FlowCall, pending: void | Promise<void>): unknown {
    if (pending !== undefined || call.tails.length > 0) return settled(call, pending).then(() => call.take());
    this.idle = call;
    return call.take();
  }

  private deadline(): number | undefined {
    let first: number | undefined;
    for (const { deadline } of this.batches) {
      if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
    }
    return first;
  }

  /** Gives on the open lists whose time has come; those of earlier steps first, since they may fill later ones. */
  private giveOpen(now: number): unknown {
    const call = this.begin();
    return this.end(call, this.giveFrom(0, now, call));
  }

  private giveFrom(index: number, now: number, call: FlowCall): void | Promise<void> {
    for (let i = index; i < this.batches.length; i++) {
      const batch = this.batches[i] as FlowBatch;
      if (!batch.isOpen || !(now === Number.POSITIVE_INFINITY || (batch.deadline ?? now + 1) <= now)) continue;
      const pending = batch.give(call);
      if (pending !== undefined || call.tails.length > 0) {
        return settled(call, pending).then(() => this.giveFrom(i + 1, now, call));
      }
    }
    return undefined;
  }
}

/** Waits for what is in progress, the steps in their order. */
async function settled(call: FlowCall, pending: void | Promise<void>): Promise<void> {
  await pending;
  for (let i = 0; i < call.tails.length; i++) {
    for (let tail = call.tails[i]; tail !== undefined; tail = call.tails[i]) {
      await tail;
      if (call.tails[i] === tail) call.tails[i] = undefined;
    }
  }
}
