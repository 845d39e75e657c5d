import { compareKeys } from '../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { LaneAnswer, ViolationAnswer } from './answer.js';
import { type MutableCallAnswer, makeCallAnswer, violation } from './answers.js';
import type { KeyTrack } from './key-track.js';
import type { LaneMachine } from './lane-machine.js';
import type { LaneSpec } from './lane-spec.js';
import type { LaneNode } from './lane-tree.js';
import type { LaneEnd, LaneVector, NodeVector } from './lane-vector.js';
import { makeNodes } from './make-nodes.js';
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
  /** Of the batch at hand: the elements whose keys are read, and which of them is next. */
  private readonly run = new Run();
  /** The position of the last element taken. */
  private taken: number;
  private doneKey: any;
  private donePosition: number;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  /** The answer is a window that a timeout closed. */
  private isTimedOut = false;
  private violation: ViolationAnswer | undefined = undefined;
  /** The last call. */
  private answer: MutableCallAnswer = makeCallAnswer();
  private readonly oneElement: object[] = [];
  /** Where to read again after a call was taken back. */
  private retractedFrom: number | undefined = undefined;
  private previousKey: any = LOWEST;
  private previousPosition = -1;

  static fits({ nodes }: LaneSpec): boolean {
    const node = nodes[0];
    return nodes.length === 1 && node?.order.policy === 'fail';
  }

  constructor(spec: LaneSpec, vector?: LaneVector) {
    this.nodes = makeNodes(spec, vector);
    this.node = this.nodes[0] as LaneNode;
    this.windows = spec.window && makeWindows(spec.window, false);
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
    this.retractedFrom = this.answer.from;
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
    if (this.violation !== undefined) return this.violation;
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
    const { node, answer } = this;
    const { inbox } = node;
    while (!inbox.isEmpty) {
      const { position } = inbox;
      this.oneElement[0] = inbox.element;
      inbox.advance();
      node.matched++;
      this.taken = position;
      answer.from = position;
      answer.to = position;
      if (this.isNew(LOWEST, position)) return true;
    }
    return false;
  }

  private takeForWindows(windows: Windows): boolean {
    const { run } = this;
    while (run.at < run.end || this.readRun()) {
      const start = run.at;
      const window = windows.take(run);
      if (run.at > start) this.passed(run.at - start);
      if (window !== undefined && this.called(window)) return true;
    }
    return false;
  }

  /** So many elements of the run were taken. */
  private passed(count: number): void {
    const { node, run } = this;
    node.matched += count;
    this.taken = run.positionAt(run.at - 1);
    node.inbox.passTo(run.at);
  }

  /** Reads keys of the batch at hand, as many as it can at once; false where there is none, or the next is a violation. */
  private readRun(): boolean {
    const { node, run } = this;
    const { inbox, keys } = node;
    run.clear();
    if (inbox.isEmpty) return false;
    const { elements, first, positions } = inbox.batch;
    run.begin(elements, inbox.index, first, positions);
    run.end = keys.readRun(elements, run.at, run.keys);
    return run.end > run.at || this.readOne();
  }

  /** Reads the key of the next element, whatever it is. */
  private readOne(): boolean {
    const { node, run } = this;
    const { element, position } = node.inbox;
    if (!node.takeKeys(element, position)) {
      node.turnAway(node.badTrack as KeyTrack, element, position);
      this.violation = violation(node);
      return false;
    }
    run.keys[run.at] = node.keys.windowKey;
    run.end++;
    return true;
  }

  private called(window: CalledWindow): boolean {
    showBorders(window, this.node.keys.window);
    this.answer = window;
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
    return {
      nodes: [this.nodeVector()],
      done: {
        slot: [[keyToJson(LOWEST), this.taken], -1, [keyToJson(LOWEST), -1]],
        window: [keyToJson(this.doneKey), this.donePosition],
      },
      ...(this.ended && { ended: this.ended }),
    };
  }

  private nodeVector(): NodeVector {
    const { node } = this;
    const track = node.keys.window;
    const high = (key: any) => (track === undefined ? [] : [keyToJson(track.show(key) as any)]);
    if (this.retractedFrom !== undefined) return { from: this.retractedFrom, high: high(LOWEST) };
    const oldest = this.windows?.oldest();
    if (oldest !== undefined) return { from: oldest.position, high: high(oldest.key) };
    const { run } = this;
    return { from: node.inbox.unread, high: high(run.at < run.end ? run.keys[run.at] : track?.high) };
  }
}
