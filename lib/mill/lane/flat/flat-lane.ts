import type { EarlyEnd, LaneEnd, LaneVector } from '../../resume/lane-vector.js';
import type { LaneAnswer } from '../answer.js';
import { violation } from '../answer.js';
import { earlyEndBy, isConfirmed, isRefuted } from '../early-end.js';
import type { Fed } from '../input/inbox.js';
import type { LaneMachine } from '../lane-machine.js';
import type { LaneSpec, NodeSpec } from '../lane-spec.js';
import { type LaneStats, statsOf } from '../lane-stats.js';
import { CallNotes, type NodeCounts, settleAll } from '../node-counts.js';
import type { LaneNode } from '../nodes/lane-tree.js';
import { makeNodes } from '../nodes/make-nodes.js';
import { CallRun, MasterRow, noGroup } from './call-run.js';
import type { FlatChild } from './flat-child.js';
import type { KeyColumn } from './key-column.js';
import { KeyedInput } from './keyed-input.js';
import { hasFlatChild, makeFlatChild } from './make-flat-child.js';
import { RestartMark } from './restart-mark.js';

/**
 * A master with one or more streams joined to it, without nesting and windows, as a plain merge. Each child holds the
 * elements for its way of matching. The lane answers with runs of calls. It may be at the end of a run while the first
 * call of it is made, so until the run is done its vector is one from before the run, with the number of calls made
 * since.
 */
export class FlatLane implements LaneMachine {
  readonly nodes: readonly LaneNode[];
  readonly forcedCalls = 0;
  readonly windowAges = undefined;
  private readonly master: LaneNode;
  private readonly input: KeyedInput;
  /** The master's key for each child. */
  private readonly columns: readonly KeyColumn[];
  private readonly children: readonly FlatChild[];
  /** The only child, if its groups are also its verdict. */
  private readonly onlyInner: FlatChild | undefined;
  /** The only child. */
  private readonly mergingChild: FlatChild | undefined;
  private readonly run: CallRun;
  /** The counts of the nodes at each call of the run. */
  private readonly notes: CallNotes;
  /** The last call failed and was undone. It still counts as made. */
  private retracted = 0;
  private readonly mark: RestartMark;
  /** The current master element, and the index of its keys in the columns. */
  private readonly row: MasterRow;
  private at = 0;
  private hasMaster = false;
  private isMatched = false;
  /** A child may drop all further master elements. */
  private mayBeOver: boolean;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  /** No further master element can survive. After a restart, the child must end again first. */
  private earlyEnd: EarlyEnd | undefined;
  /** The lane was ended from outside, within a run. */
  private isStopped = false;

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
    this.input = new KeyedInput(this.master);
    const { tracks, lefts } = this.master.keys;
    this.columns = lefts.map((left) => this.input.columns[tracks.indexOf(left)] as KeyColumn);
    this.children = this.master.edges.map(makeFlatChild);
    this.mark = new RestartMark(this.master, this.input, this.columns, this.children);
    if (this.children.length === 1) this.mergingChild = this.children[0];
    if (this.mergingChild?.hasGroups && this.mergingChild.dropsWithoutMatch) this.onlyInner = this.mergingChild;
    this.mayBeOver = this.children.some((child) => child.rulesOutEarly);
    this.notes = new CallNotes(this.nodes);
    const groups = this.children.filter((child) => child.hasGroups).length;
    this.run = new CallRun(this.master, groups, vector === undefined ? -1 : vector.done.window[1], this.notes);
    this.row = new MasterRow(groups);
    this.ended = vector?.ended;
    this.earlyEnd = vector?.over;
    this.master.unsettledElsewhere = () => (this.hasMaster ? 1 : 0);
    this.master.heldElsewhere = this.master.unsettledElsewhere;
  }

  feed(node: number, ...fed: Fed): void {
    const fedNode = this.nodes[node] as LaneNode;
    fedNode.inbox.feed(...fed);
    if (isRefuted(this.earlyEnd, fedNode)) this.earlyEnd = undefined;
  }

  end(node: number): void {
    (this.nodes[node] as LaneNode).sourceEnded = true;
    if (node > 0) this.mayBeOver = true;
  }

  limit(calls: number): void {
    this.run.limit(calls);
  }

  ignore(): void {}

  stop(reason: LaneEnd): void {
    settleAll(this.nodes);
    if (this.run.count === 0) {
      this.ended ??= reason;
      return;
    }
    // An end that the run found after its last call does not count.
    this.ended = reason;
    this.because = undefined;
    this.isStopped = true;
  }

  timeout(): void {}

  retract(): void {
    this.run.done--;
    this.retracted = 1;
  }

  next(): LaneAnswer {
    if (this.isStopped) return this.over();
    if (!this.run.isDone) return this.run;
    this.run.clear();
    if (this.mark.isDue()) this.setMark();
    let answer: LaneAnswer | undefined;
    try {
      answer = this.fill();
    } catch (error) {
      // Calls before the failure come first. The failure is found again.
      if (this.run.count === 0) throw error;
    }
    return answer === undefined || this.run.count > 0 ? this.run : answer;
  }

  private over(): LaneAnswer {
    return { what: 'done', because: this.because };
  }

  private setMark(): void {
    this.mark.set(this.hasMaster ? this.row.position : undefined);
  }

  /** Adds calls to the run until it is full. Otherwise returns the answer that stops it. */
  private fill(): LaneAnswer | undefined {
    const { run } = this;
    while (!run.isFull) {
      if (this.ended !== undefined) return this.over();
      if (this.earlyEnd !== undefined) {
        const [node] = this.earlyEnd;
        if (!isConfirmed(this.earlyEnd, this.nodes)) return { what: 'need', nodes: [node] };
        this.finish('noMatch', node);
        continue;
      }
      if (!this.hasMaster) {
        this.mergingChild?.merge(this.input, run);
        if (run.isFull) break;
        const stop = this.takeMaster();
        if (stop !== undefined) return stop;
        if (!this.hasMaster) continue;
      }
      const outcome = this.decide();
      if (typeof outcome === 'object') return outcome;
      this.hasMaster = false;
      if (outcome) run.addMaster(this.row);
    }
    return undefined;
  }

  /** Takes the next master element, unless the lane is over. Returns an answer if there is none to take. */
  private takeMaster(): LaneAnswer | undefined {
    const { input } = this;
    if (this.mayBeOver && this.isOver()) return undefined;
    const head = input.head();
    if (head === 'need') return { what: 'need', nodes: [0] };
    if (head === 'violation') return violation(this.master);
    if (head === 'end') {
      this.finish('master', 0);
      return undefined;
    }
    const { row } = this;
    const { inbox } = input;
    const { index } = inbox;
    row.element = inbox.elements[index] as object;
    row.position = inbox.positionAt(index);
    this.at = index - input.start;
    input.passTo(index + 1);
    this.hasMaster = true;
    return undefined;
  }

  /** Returns whether no further master element can survive. */
  private isOver(): boolean {
    const { children, master } = this;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as FlatChild;
      if (!child.rulesOut(this.input.high(this.columns[i] as KeyColumn))) continue;
      const isAtEnd = master.sourceEnded && master.inbox.isEmpty;
      if (!isAtEnd) this.earlyEnd = earlyEndBy(child.node, child.dropsWithoutMatch);
      this.finish(isAtEnd ? 'master' : 'noMatch', child.node.index);
      return true;
    }
    return false;
  }

  private finish(reason: LaneEnd, because: number): void {
    this.ended = reason;
    this.because = reason === 'master' ? 0 : because;
    settleAll(this.nodes);
  }

  /** Returns whether the current element survives, with complete groups. An answer means that this is not known yet. */
  private decide(): boolean | LaneAnswer {
    if (this.onlyInner !== undefined) return this.completeGroup(this.onlyInner, 0, 0) ?? this.row.groups[0] !== noGroup;
    if (!this.isMatched) {
      const outcome = this.verdict();
      if (outcome !== true) return outcome;
      this.isMatched = true;
    }
    const unknown = this.completeGroups();
    if (unknown !== undefined) return unknown;
    this.isMatched = false;
    return true;
  }

  /** Returns whether no child drops the current element. */
  private verdict(): boolean | LaneAnswer {
    const { children, columns } = this;
    let wanted: number[] | undefined;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as FlatChild;
      if (!child.mayDrop) continue;
      const found = child.seek((columns[i] as KeyColumn).keys[this.at], this.onOf(i));
      if (found === 'violation') return violation(child.node);
      if (found === 'need') {
        if (wanted === undefined) wanted = [child.node.index];
        else wanted.push(child.node.index);
      } else if (found === 'match' ? child.dropsWithMatch : child.dropsWithoutMatch) return false;
    }
    return wanted === undefined || { what: 'need', nodes: wanted };
  }

  /** Completes the groups of the children that give groups. */
  private completeGroups(): LaneAnswer | undefined {
    const { children } = this;
    let given = 0;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as FlatChild;
      if (!child.hasGroups) continue;
      const unknown = this.completeGroup(child, i, given++);
      if (unknown !== undefined) return unknown;
    }
    return undefined;
  }

  /** Returns the `on` values of the current element for a child. */
  private onOf(child: number): unknown {
    return this.input.ons[child]?.values[this.at];
  }

  private completeGroup(child: FlatChild, index: number, group: number): LaneAnswer | undefined {
    const { row } = this;
    const collected = child.completeGroup((this.columns[index] as KeyColumn).keys[this.at], this.onOf(index));
    if (collected === 'need') return { what: 'need', nodes: [child.node.index] };
    if (collected === 'violation') return violation(child.node);
    // A call may push to its groups, even to an empty one.
    row.groups[group] = collected === noGroup && !child.dropsWithoutMatch ? [] : collected;
    return undefined;
  }

  counts(node: number): NodeCounts {
    const { run, notes, retracted, isStopped } = this;
    return run.isDone ? notes.afterAll(run.count, node) : notes.after(run.done + retracted, node, isStopped);
  }

  stats(): LaneStats {
    return statsOf(this.nodes, 0);
  }

  passedBelow(node: number): number {
    if (this.run.isDone) return (this.nodes[node] as LaneNode).passedBelow;
    return this.mark.passedBelow(node);
  }

  vector(): LaneVector {
    const { run } = this;
    if (run.isDone) {
      run.clear();
      this.setMark();
    }
    const ended = run.isDone || this.isStopped ? this.ended : undefined;
    const vector = this.mark.vector(run.lastDone, ended);
    const { earlyEnd } = this;
    return run.isDone && earlyEnd !== undefined ? { ...vector, over: earlyEnd } : vector;
  }
}
