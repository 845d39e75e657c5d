import { keyToJson } from '../../expressions/key.js';
import type { LaneAnswer } from './answer.js';
import { makeCallAnswer } from './answers.js';
import type { LaneMachine } from './lane-machine.js';
import type { LaneNode } from './lane-node.js';
import type { KeySource, LaneSpec } from './lane-spec.js';
import type { LaneEnd, LaneVector } from './lane-vector.js';
import { makeNodes } from './make-nodes.js';
import { sameWindowKey } from './windows/same-window-key.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/** One stream without a join, element by element or in windows by expression. */
export class SingleLane implements LaneMachine {
  readonly nodes: readonly LaneNode[];
  private readonly node: LaneNode;
  private readonly windowKey: KeySource | undefined;
  /** The open window. */
  private open: object[] = [];
  private openFrom: number;
  private openKey: unknown = undefined;
  /** The position of the last element taken. */
  private taken: number;
  private donePosition: number;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  private timedOut = false;
  private readonly answer = makeCallAnswer();
  private readonly oneElement: object[] = [];
  /** Where to read again after a call was taken back. */
  private retractedFrom: number | undefined = undefined;
  private previousDone = -1;

  static fits({ nodes, window }: LaneSpec): boolean {
    const node = nodes[0];
    const windowFits = window === undefined || window.type === 'expression';
    return nodes.length === 1 && node?.order.policy === 'fail' && windowFits;
  }

  constructor(spec: LaneSpec, vector?: LaneVector) {
    this.nodes = makeNodes(spec, vector);
    this.node = this.nodes[0] as LaneNode;
    this.windowKey = this.node.windowKey;
    this.openFrom = vector?.nodes[0]?.from ?? 0;
    this.taken = vector === undefined ? -1 : vector.done.slot[0][1];
    this.donePosition = vector === undefined ? -1 : vector.done.window[1];
    this.ended = vector?.ended;
    if (this.windowKey === undefined) this.answer.elements = this.oneElement;
    this.node.waitingElsewhere = () => this.open.length;
  }

  feed(_node: number, elements: readonly object[], first: number, positions?: readonly number[]): void {
    this.node.inbox.feed(elements, first, positions);
  }

  end(): void {
    this.node.sourceEnded = true;
  }

  stop(reason: LaneEnd): void {
    this.ended ??= reason;
  }

  timeout(key?: unknown): void {
    this.timedOut = this.open.length > 0 && !sameWindowKey(this.openKey, key);
  }

  retract(): void {
    this.retractedFrom = this.answer.from;
    this.donePosition = this.previousDone;
  }

  next(): LaneAnswer {
    if (this.ended !== undefined) return { what: 'done', because: this.because };
    const { node } = this;
    const called = this.windowKey === undefined ? this.takeOne() : this.takeWindow(this.windowKey);
    if (called) return this.answer;
    if (!node.sourceEnded) return { what: 'need', nodes: [0] };
    node.close();
    if (this.open.length > 0) {
      this.flush();
      if (this.called(this.answer.from)) return this.answer;
    }
    this.ended = 'master';
    this.because = 0;
    return { what: 'done', because: 0 };
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
      if (this.called(position)) return true;
    }
    return false;
  }

  private takeWindow(windowKey: KeySource): boolean {
    const { node } = this;
    const { inbox } = node;
    if (this.timedOut) {
      this.timedOut = false;
      this.flush();
      if (this.called(this.answer.from)) return true;
    }
    while (!inbox.isEmpty) {
      if (this.takeRun(windowKey) || this.open.length === 0) continue;
      this.flush();
      if (this.called(this.answer.from)) return true;
    }
    return false;
  }

  /** Takes what the batch at hand has of the open window; true where that was all of the batch. */
  private takeRun(windowKey: KeySource): boolean {
    const { node, open } = this;
    const { inbox } = node;
    const { elements, index } = inbox;
    let i = index;
    try {
      if (open.length === 0) {
        this.openKey = windowKey.evaluate(elements[i] as object);
        this.openFrom = inbox.position;
      }
      const { openKey } = this;
      for (; i < elements.length; i++) {
        const element = elements[i] as object;
        const key = windowKey.evaluate(element);
        if (key !== openKey && !sameWindowKey(openKey, key)) break;
        open.push(element);
      }
    } catch (cause) {
      inbox.advanceTo(i);
      throw node.keyFailed(windowKey, inbox.position, cause);
    }
    if (i > index) this.passRun(i);
    return i === elements.length;
  }

  private passRun(end: number): void {
    const { node } = this;
    const { inbox } = node;
    node.read += end - inbox.index;
    inbox.advanceTo(end - 1);
    this.taken = inbox.position;
    inbox.advance();
  }

  /** Makes the open window the answer. */
  private flush(): void {
    const { answer } = this;
    this.node.matched += this.open.length;
    answer.elements = this.open;
    answer.from = this.openFrom;
    answer.to = this.taken;
    answer.start = this.openKey;
    answer.end = this.openKey;
    this.open = [];
  }

  /** False for a call that was made before a restart. */
  private called(position: number): boolean {
    if (position <= this.donePosition) return false;
    this.previousDone = this.donePosition;
    this.donePosition = position;
    return true;
  }

  vector(): LaneVector {
    const { node } = this;
    const unread = this.open.length > 0 ? this.openFrom : node.inbox.unread;
    return {
      nodes: [{ from: this.retractedFrom ?? unread, high: [] }],
      done: {
        slot: [[keyToJson(LOWEST), this.taken], -1, [keyToJson(LOWEST), -1]],
        window: [keyToJson(LOWEST), this.donePosition],
      },
      ...(this.ended && { ended: this.ended }),
    };
  }
}
