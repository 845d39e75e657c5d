import { compareKeys } from '../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { LaneAnswer, ViolationAnswer } from './answer.js';
import { makeCallAnswer, violation } from './answers.js';
import type { KeyTrack } from './key-track.js';
import type { LaneMachine } from './lane-machine.js';
import type { LaneSpec } from './lane-spec.js';
import type { LaneNode } from './lane-tree.js';
import type { LaneEnd, LaneVector, NodeVector } from './lane-vector.js';
import { makeNodes } from './make-nodes.js';
import { makeWindows } from './windows/make-windows.js';
import { sameWindowKey } from './windows/same-window-key.js';
import { WindowContent } from './windows/window-content.js';
import type { Windows } from './windows/windows.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/** One stream without a join, element by element or in windows. Windows by expression are taken in whole runs. */
export class SingleLane implements LaneMachine {
  readonly nodes: readonly LaneNode[];
  readonly forcedCalls = 0;
  private readonly node: LaneNode;
  /** The key of windows by expression. */
  private readonly runKey: KeyTrack | undefined;
  /** All other windows. */
  private readonly windows: Windows | undefined;
  /** The open window by expression. */
  private open: object[] = [];
  private openFrom: number;
  private openKey: unknown = undefined;
  /** The position of the last element taken. */
  private taken: number;
  private doneKey: any;
  private donePosition: number;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  /** A window that a timeout closed. */
  private timedOut: WindowContent | 'run' | undefined = undefined;
  private violation: ViolationAnswer | undefined = undefined;
  private readonly answer = makeCallAnswer();
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
    const { window } = spec;
    if (window?.type === 'expression') this.runKey = this.node.keys.adjacent;
    else if (window !== undefined) this.windows = makeWindows(window, false);
    this.openFrom = vector?.nodes[0]?.from ?? 0;
    this.taken = vector === undefined ? -1 : vector.done.slot[0][1];
    this.doneKey = vector === undefined ? LOWEST : keyFromJson(vector.done.window[0]);
    this.donePosition = vector === undefined ? -1 : vector.done.window[1];
    this.ended = vector?.ended;
    if (window === undefined) this.answer.elements = this.oneElement;
    this.node.waitingElsewhere = () => this.open.length;
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
    if (this.runKey === undefined) this.timedOut = this.windows?.timeout(key);
    else if (this.open.length > 0 && !sameWindowKey(this.openKey, key)) this.timedOut = 'run';
  }

  retract(): void {
    this.retractedFrom = this.answer.from;
    this.doneKey = this.previousKey;
    this.donePosition = this.previousPosition;
  }

  next(): LaneAnswer {
    if (this.ended !== undefined) return { what: 'done', because: this.because };
    const { node } = this;
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
    if (this.runKey !== undefined) return this.takeRuns(this.runKey);
    if (this.windows !== undefined) return this.takeForWindows(this.windows);
    return this.takeOne();
  }

  private flushLast(): boolean {
    if (this.open.length > 0) return this.flush();
    for (;;) {
      const window = this.windows?.close(Number.POSITIVE_INFINITY);
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
      node.read++;
      node.matched++;
      this.taken = position;
      answer.from = position;
      answer.to = position;
      if (this.isNew(LOWEST, position)) return true;
    }
    return false;
  }

  private takeForWindows(windows: Windows): boolean {
    const { node } = this;
    const { inbox } = node;
    const windowTrack = node.keys.window;
    if (this.timedOut instanceof WindowContent) {
      const window = this.timedOut;
      this.timedOut = undefined;
      if (this.called(window)) return true;
    }
    while (!inbox.isEmpty) {
      const { element, position } = inbox;
      let key: any;
      if (windowTrack !== undefined) {
        if (!node.readKey(windowTrack, element, position) || !windowTrack.inOrder()) {
          node.turnAway(windowTrack, element, position);
          this.violation = violation(node);
          return false;
        }
        key = windowTrack.current;
        const closed = windows.close(key);
        if (closed !== undefined) {
          if (this.called(closed)) return true;
          continue;
        }
        windowTrack.accept();
      }
      inbox.advance();
      node.read++;
      node.matched++;
      this.taken = position;
      const window = windows.add(element, position, key, LOWEST, undefined);
      if (window !== undefined && this.called(window)) return true;
    }
    return this.closeByFrontier(windows);
  }

  /** Windows that the last key closed: the next one cannot lie below it. */
  private closeByFrontier(windows: Windows): boolean {
    const windowTrack = this.node.keys.window;
    if (windowTrack === undefined) return false;
    for (;;) {
      const window = windows.close(windowTrack.high);
      if (window === undefined) return false;
      if (this.called(window)) return true;
    }
  }

  private takeRuns(runKey: KeyTrack): boolean {
    const { inbox } = this.node;
    if (this.timedOut !== undefined) {
      this.timedOut = undefined;
      if (this.flush()) return true;
    }
    while (!inbox.isEmpty) {
      if (this.takeRun(runKey)) continue;
      if (this.violation !== undefined) return false;
      if (this.flush()) return true;
    }
    return false;
  }

  /** Takes what the batch at hand has of the open window; true where that was all of the batch. */
  private takeRun(runKey: KeyTrack): boolean {
    const { node } = this;
    const { inbox } = node;
    const { elements, index } = inbox;
    if (this.open.length === 0 && !this.openRun(runKey, elements[index] as object, inbox.position)) return false;
    const { open } = this;
    let i = index;
    try {
      const { openKey } = this;
      for (; i < elements.length; i++) {
        const element = elements[i] as object;
        const key = runKey.source.evaluate(element);
        if (key !== openKey && !sameWindowKey(openKey, key)) break;
        open.push(element);
      }
    } catch (cause) {
      inbox.advanceTo(i);
      throw node.keyFailed(runKey.source, inbox.position, cause);
    }
    if (i > index) this.passRun(i);
    return i === elements.length;
  }

  /** The element opens a window; false where its key is NaN, which equals not even itself. */
  private openRun(runKey: KeyTrack, element: object, position: number): boolean {
    const { node } = this;
    if (!node.readAdjacent(runKey, element, position)) {
      node.turnAway(runKey, element, position);
      this.violation = violation(node);
      return false;
    }
    this.openKey = runKey.current;
    this.openFrom = position;
    return true;
  }

  private passRun(end: number): void {
    const { node } = this;
    const { inbox } = node;
    node.read += end - inbox.index;
    inbox.advanceTo(end - 1);
    this.taken = inbox.position;
    inbox.advance();
  }

  /** Makes the open window by expression the answer; false for one that was called before a restart. */
  private flush(): boolean {
    const { answer } = this;
    this.node.matched += this.open.length;
    answer.elements = this.open;
    answer.from = this.openFrom;
    answer.to = this.taken;
    answer.start = this.openKey;
    answer.end = this.openKey;
    this.open = [];
    return this.isNew(LOWEST, this.openFrom);
  }

  private called(window: WindowContent): boolean {
    const { answer } = this;
    const windowTrack = this.node.keys.window;
    answer.elements = window.elements;
    answer.from = window.from;
    answer.to = window.to;
    answer.start = windowTrack === undefined ? window.start : windowTrack.show(window.start);
    answer.end = windowTrack === undefined ? window.end : windowTrack.show(window.end);
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
    if (this.open.length > 0) return { from: this.openFrom, high: [] };
    const oldest = this.windows?.oldest();
    if (oldest !== undefined) return { from: oldest.position, high: high(oldest.key) };
    return { from: node.inbox.unread, high: high(track?.high) };
  }
}
