import { keyToJson } from '../../../expressions/key-json.js';
import type { LaneAnswer } from '../answer.js';
import { makeCallAnswer, violation } from '../answers.js';
import type { KeyTrack } from '../key-track.js';
import type { LaneMachine } from '../lane-machine.js';
import type { LaneSpec, NodeSpec } from '../lane-spec.js';
import type { LaneNode } from '../lane-tree.js';
import type { LaneEnd, LaneVector, NodeVector } from '../lane-vector.js';
import { makeNodes } from '../make-nodes.js';
import { Row, UNKNOWN } from '../row.js';
import type { FlatChild } from './flat-child.js';
import { hasFlatChild, makeFlatChild } from './make-flat-child.js';

const LOWEST = Number.NEGATIVE_INFINITY;
const HIGHEST = Number.POSITIVE_INFINITY;
const nothing: object = Object.freeze({});

/**
 * A master with one or more streams joined to it, without nesting and windows: a plain merge. Each child holds what its
 * way of matching needs, and one look-ahead element.
 */
export class FlatLane implements LaneMachine {
  readonly nodes: readonly LaneNode[];
  readonly forcedCalls = 0;
  private readonly master: LaneNode;
  private readonly children: readonly FlatChild[];
  private readonly givesGroups: boolean;
  /** The master element in work, and its groups as they are handed out. */
  private readonly row = new Row(nothing, -1, 0, undefined, undefined, undefined, UNKNOWN);
  private readonly groups: (readonly object[])[] = [];
  private readonly lefts: any[] = [];
  private hasMaster = false;
  private isMatched = false;
  private passed: number;
  private donePosition: number;
  private previousDone = -1;
  private retracted = false;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  private answered: LaneAnswer | undefined = undefined;
  private readonly call = makeCallAnswer();
  private readonly callElements: object[] = [];

  static fits({ nodes, window }: LaneSpec): boolean {
    const [master, ...children] = nodes as readonly [NodeSpec, ...NodeSpec[]];
    return (
      window === undefined &&
      children.length > 0 &&
      nodes.every((node) => node.order.policy === 'fail') &&
      children.every((child) => child.edges.length === 0) &&
      master.edges.every((edge) => hasFlatChild(edge) && !edge.unmatched)
    );
  }

  constructor(spec: LaneSpec, vector?: LaneVector) {
    this.nodes = makeNodes(spec, vector);
    this.master = this.nodes[0] as LaneNode;
    this.children = this.master.edges.map(makeFlatChild);
    this.givesGroups = this.children.some((child) => child.gives);
    this.passed = (vector?.nodes[0]?.from ?? 0) - 1;
    this.donePosition = vector === undefined ? -1 : vector.done.window[1];
    this.ended = vector?.ended;
    this.row.groups = this.groups;
    if (this.givesGroups) this.call.rows = [this.row];
    this.call.elements = this.callElements;
    this.master.waitingElsewhere = () => (this.hasMaster ? 1 : 0);
  }

  feed(node: number, elements: readonly object[], first: number, positions?: readonly number[]): void {
    (this.nodes[node] as LaneNode).inbox.feed(elements, first, positions);
  }

  end(node: number): void {
    (this.nodes[node] as LaneNode).sourceEnded = true;
  }

  ignore(): void {}

  stop(reason: LaneEnd): void {
    this.ended ??= reason;
  }

  timeout(): void {}

  retract(): void {
    this.donePosition = this.previousDone;
    this.retracted = true;
  }

  next(): LaneAnswer {
    for (;;) {
      if (this.ended !== undefined) return { what: 'done', because: this.because };
      if (!this.hasMaster && !this.takeMaster()) {
        if (this.answered !== undefined) return this.takeAnswer();
        continue;
      }
      const outcome = this.isMatched ? 'match' : this.align();
      if (outcome === 'unknown') return this.takeAnswer();
      if (outcome === 'match') {
        this.isMatched = true;
        if (!this.collect()) return this.takeAnswer();
      }
      this.hasMaster = false;
      this.isMatched = false;
      this.passed = this.row.position;
      if (outcome === 'match' && this.makeCall()) return this.call;
    }
  }

  private takeAnswer(): LaneAnswer {
    const answer = this.answered as LaneAnswer;
    this.answered = undefined;
    return answer;
  }

  /** Takes the next master element; false where the lane is over, or has an answer. */
  private takeMaster(): boolean {
    const { master, row, lefts } = this;
    const { inbox, keys } = master;
    if (this.isOver()) return false;
    if (inbox.isEmpty) {
      if (master.sourceEnded) this.finish('master', 0);
      else this.answered = { what: 'need', nodes: [0] };
      return false;
    }
    const { element, position } = inbox;
    row.element = element;
    row.position = position;
    if (!master.takeKeys(element, position)) {
      master.turnAway(master.badTrack as KeyTrack, element, position);
      this.answered = violation(master);
      return false;
    }
    for (let i = 0; i < this.children.length; i++) lefts[i] = (keys.lefts[i] as KeyTrack).current;
    inbox.advance();
    master.read++;
    this.hasMaster = true;
    return true;
  }

  /** No master element that is still to come can survive. */
  private isOver(): boolean {
    const { children, master } = this;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as FlatChild;
      if (!child.rulesOut((master.keys.lefts[i] as KeyTrack).high)) continue;
      this.finish(master.sourceEnded && master.inbox.isEmpty ? 'master' : 'noMatch', child.node.index);
      return true;
    }
    return false;
  }

  private finish(reason: LaneEnd, because: number): void {
    this.ended = reason;
    this.because = reason === 'master' ? 0 : because;
  }

  /** Whether every child that decides says yes: it has a match, or for an anti edge none. */
  private align(): 'match' | 'none' | 'unknown' {
    const { children } = this;
    let wanted: number[] | undefined;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as FlatChild;
      if (child.kind === 'left') continue;
      const found = child.seek(this.lefts[i], this.row.element);
      if (found === 'violation') {
        this.answered = violation(child.node);
        return 'unknown';
      }
      if (found === 'need') {
        if (wanted === undefined) wanted = [child.node.index];
        else wanted.push(child.node.index);
      } else if ((found === 'match') !== child.mustMatch) {
        return 'none';
      }
    }
    if (wanted === undefined) return 'match';
    this.answered = { what: 'need', nodes: wanted };
    return 'unknown';
  }

  /** Completes the groups of the children that give them. */
  private collect(): boolean {
    const { children, groups } = this;
    let given = 0;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as FlatChild;
      if (!child.gives) continue;
      const collected = child.collect(this.lefts[i], this.row.element);
      if (collected === 'need' || collected === 'violation') {
        this.answered = collected === 'violation' ? violation(child.node) : { what: 'need', nodes: [child.node.index] };
        return false;
      }
      groups[given++] = collected;
    }
    return true;
  }

  /** False for a call that was made before a restart. */
  private makeCall(): boolean {
    const { call, row } = this;
    this.master.matched++;
    if (row.position <= this.donePosition) return false;
    this.previousDone = this.donePosition;
    this.donePosition = row.position;
    this.callElements[0] = row.element;
    call.from = row.position;
    call.to = row.position;
    return true;
  }

  vector(): LaneVector {
    return {
      nodes: [this.masterVector(), ...this.children.map((child, i) => child.vector(this.floor(i)))],
      done: {
        slot: [[keyToJson(LOWEST), this.passed], -1, [keyToJson(LOWEST), -1]],
        window: [keyToJson(LOWEST), this.donePosition],
      },
      ...(this.ended && { ended: this.ended }),
    };
  }

  private masterVector(): NodeVector {
    const { master } = this;
    // Its own keys stand for the highest before it: they judge alike.
    const high = master.keys.tracks.map((track) => keyToJson(track.show(track.high) as any));
    return { from: this.hasMaster || this.retracted ? this.row.position : master.inbox.unread, high };
  }

  /** The lowest master key that can still ask for a group of this edge. */
  private floor(edge: number): any {
    const { master } = this;
    if (this.hasMaster || this.retracted) return this.lefts[edge];
    const isAtEnd = master.sourceEnded && master.inbox.isEmpty;
    return isAtEnd ? HIGHEST : (master.keys.lefts[edge] as KeyTrack).high;
  }
}
