import { compareKeys } from '../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { LaneAnswer } from './answer.js';
import { late, type MutableCallAnswer, makeCallAnswer, violation } from './answers.js';
import type { LaneMachine } from './lane-machine.js';
import type { LaneSpec, NodeSpec } from './lane-spec.js';
import type { LaneNode } from './lane-tree.js';
import type { LaneEnd, LaneVector } from './lane-vector.js';
import { makeNodes, windowKey } from './make-nodes.js';
import { NodeKeys } from './node-keys.js';
import { OrderedRuns } from './ordered-runs.js';
import { needToJson } from './positions.js';
import { ReorderedRuns } from './reordered-runs.js';
import type { NeededElement, Runs } from './runs.js';
import { type CalledWindow, showBorders } from './windows/called-window.js';
import { makeWindows } from './windows/make-windows.js';
import { Run } from './windows/run.js';
import type { Windows } from './windows/windows.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/** One stream without a join, element by element or in windows. Windows take what they can of a batch at once. */
export class SingleLane implements LaneMachine {
  readonly nodes: readonly LaneNode[];
  readonly forcedCalls = 0;
  private readonly node: LaneNode;
  private readonly windows: Windows | undefined;
  private readonly runs: Runs;
  /** The last of them, and which of its elements is next. */
  private readonly run = new Run();
  /** The position of the last element taken. */
  private taken: number;
  private doneKey: any;
  private donePosition: number;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  /** The answer is a window that a timeout closed. */
  private isTimedOut = false;
  /** The last call. */
  private answer: MutableCallAnswer = makeCallAnswer();
  private readonly oneElement: object[] = [];
  /** The first element of the last call, */
  private readonly calledFirst = { position: -1, key: LOWEST, orderKey: LOWEST as any };
  /** and of one that was taken back. */
  private retracted: NeededElement | undefined = undefined;
  private previousKey: any = LOWEST;
  private previousPosition = -1;

  /** In order, or put in order by the only key. */
  static fits(spec: LaneSpec): boolean {
    const node = spec.nodes[0] as NodeSpec;
    if (spec.nodes.length > 1 || node.order.policy === 'skip') return false;
    if (node.order.policy === 'fail') return true;
    const { tracks, adjacent } = new NodeKeys(node, undefined, undefined, windowKey(spec));
    return tracks.length === 1 && adjacent === undefined;
  }

  constructor(spec: LaneSpec, vector?: LaneVector) {
    this.nodes = makeNodes(spec, vector);
    this.node = this.nodes[0] as LaneNode;
    this.windows = spec.window && makeWindows(spec.window, false);
    this.runs =
      this.node.reorder === undefined
        ? new OrderedRuns(this.node)
        : new ReorderedRuns(this.node, () => this.windows?.oldest(), this.run);
    this.taken = vector === undefined ? -1 : vector.done.slot[0][1];
    this.doneKey = vector === undefined ? LOWEST : keyFromJson(vector.done.window[0]);
    this.donePosition = vector === undefined ? -1 : vector.done.window[1];
    this.ended = vector?.ended;
    if (spec.window === undefined) this.answer.elements = this.oneElement;
  }

  feed(_node: number, elements: readonly object[], first: number, positions?: readonly number[]): void {
    this.node.inbox.feed(elements, first, positions);
  }

  end(): void {
    this.node.sourceEnded = true;
  }

  ignore(): void {}

  stop(reason: LaneEnd): void {
    this.ended ??= reason;
  }

  timeout(key?: unknown): void {
    const window = this.windows?.timeout(key);
    if (window !== undefined && this.called(window)) this.isTimedOut = true;
  }

  retract(): void {
    this.retracted = this.calledFirst;
    this.doneKey = this.previousKey;
    this.donePosition = this.previousPosition;
  }

  next(): LaneAnswer {
    if (this.ended !== undefined) return { what: 'done', because: this.because };
    const { node } = this;
    if (this.isTimedOut) {
      this.isTimedOut = false;
      return this.answer;
    }
    if (this.take()) return this.answer;
    const { trouble } = this.runs;
    if (trouble !== undefined) return trouble === 'late' ? late(node) : violation(node);
    if (!node.sourceEnded) return { what: 'need', nodes: [0] };
    node.close();
    if (this.flushLast()) return this.answer;
    this.ended = 'master';
    this.because = 0;
    return { what: 'done', because: 0 };
  }

  /** Takes elements until there is a call; false where nothing is left in the inbox. */
  private take(): boolean {
    return this.windows === undefined ? this.takeOne() : this.takeForWindows(this.windows);
  }

  private flushLast(): boolean {
    for (;;) {
      const window = this.windows?.end();
      if (window === undefined) return false;
      if (this.called(window)) return true;
    }
  }

  private takeOne(): boolean {
    const { run, runs, answer } = this;
    while (run.at < run.end || runs.read(run)) {
      const { at } = run;
      const position = run.positionAt(at);
      this.oneElement[0] = run.elements[at] as object;
      run.at = at + 1;
      this.pass(at);
      answer.from = position;
      answer.to = position;
      const orderKey = run.orderKeyAt(at);
      this.calledFirst.position = position;
      this.calledFirst.orderKey = orderKey;
      if (this.isNew(orderKey, position)) return true;
    }
    return false;
  }

  private takeForWindows(windows: Windows): boolean {
    const { run, runs } = this;
    while (run.at < run.end || runs.read(run)) {
      const start = run.at;
      const window = windows.take(run);
      if (run.at > start) this.pass(start);
      if (window !== undefined && this.called(window)) return true;
    }
    return runs.trouble === undefined && this.closeByFrontier(windows);
  }

  private closeByFrontier(windows: Windows): boolean {
    const { frontier } = this.runs;
    if (frontier === undefined) return false;
    for (;;) {
      const window = windows.close(frontier);
      if (window === undefined) return false;
      if (this.called(window)) return true;
    }
  }

  /** Elements of the run from this index on were taken. */
  private pass(from: number): void {
    const { run } = this;
    this.node.matched += run.at - from;
    this.taken = run.positionAt(run.at - 1);
    this.runs.pass(run);
  }

  private called(window: CalledWindow): boolean {
    showBorders(window, this.node.keys.window);
    this.answer = window;
    this.calledFirst.position = window.first;
    this.calledFirst.orderKey = window.firstOrderKey;
    return this.isNew(window.idKey, window.idPosition);
  }

  /** False for a call that was made before a restart. */
  private isNew(key: any, position: number): boolean {
    const order = compareKeys(key, this.doneKey);
    if (order < 0 || (order === 0 && position <= this.donePosition)) return false;
    this.previousKey = this.doneKey;
    this.previousPosition = this.donePosition;
    this.doneKey = key;
    this.donePosition = position;
    return true;
  }

  passedBelow(): number {
    return this.node.passedBelow;
  }

  vector(): LaneVector {
    const { node, run } = this;
    const need = this.runs.need(run, this.retracted ?? this.windows?.oldest());
    return {
      nodes: [needToJson(node, need)],
      done: {
        slot: [[keyToJson(LOWEST), this.taken], -1, [keyToJson(LOWEST), -1]],
        window: [keyToJson(this.doneKey), this.donePosition],
      },
      ...(this.ended && { ended: this.ended }),
    };
  }
}
