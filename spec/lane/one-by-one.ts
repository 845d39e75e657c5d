import { type CallAnswer, type CallsAnswer, type LaneAnswer, placeOf } from '../../lib/mill/lane/answer.js';
import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import type { LaneSpec } from '../../lib/mill/lane/lane-spec.js';
import { makeLane } from '../../lib/mill/lane/make-lane.js';
import type { Row } from '../../lib/mill/lane/rows/row.js';
import type { LaneVector } from '../../lib/mill/resume/lane-vector.js';

/** The lane of a tree, with several calls as separate answers. `answered`: is called before the first one of each answer. */
export function makeOneByOne(spec: LaneSpec, vector?: LaneVector, answered = (): void => {}): LaneMachine {
  return new OneByOne(makeLane(spec, vector), answered);
}

/** Between two calls of a run it does only what the driver may do there. */
class OneByOne implements LaneMachine {
  constructor(
    private readonly lane: LaneMachine,
    private readonly answered: () => void,
  ) {}

  get nodes() {
    return this.lane.nodes;
  }

  get forcedCalls() {
    return this.lane.forcedCalls;
  }

  get windowAges() {
    return this.lane.windowAges;
  }

  next(): LaneAnswer {
    const answer = this.lane.next();
    return answer.what === 'calls' ? this.oneOf(answer) : answer;
  }

  private oneOf(several: CallsAnswer): CallAnswer {
    if (several.done === 0) this.answered();
    const call = several.done++;
    const { from, to } = placeOf(several, call);
    if ('windows' in several) {
      const { elements, folded, start, end } = several.windows[call]!;
      return { what: 'call', elements, rows: [], folded, from, to, start, end, forced: false };
    }
    const element = several.elements[several.start + call]!;
    const groups = several.groups.map((ofCalls) => ofCalls[call]!);
    const rows = groups.length === 0 ? [] : [{ element, groups } as unknown as Row];
    const bounds = { folded: undefined, start: undefined, end: undefined };
    return { what: 'call', elements: [element], rows, from, to, ...bounds, forced: false };
  }

  counts(node: number) {
    return this.lane.counts(node);
  }

  stats() {
    return this.lane.stats();
  }

  feed(...args: Parameters<LaneMachine['feed']>): void {
    this.lane.feed(...args);
  }

  end(node: number): void {
    this.lane.end(node);
  }

  limit(calls: number): void {
    this.lane.limit(calls);
  }

  ignore(node: number): void {
    this.lane.ignore(node);
  }

  stop(...args: Parameters<LaneMachine['stop']>): void {
    this.lane.stop(...args);
  }

  timeout(key?: unknown): void {
    this.lane.timeout(key);
  }

  retract(): void {
    this.lane.retract();
  }

  passedBelow(node: number): number {
    return this.lane.passedBelow(node);
  }

  vector(): LaneVector {
    return this.lane.vector();
  }
}
