import { compareKeys } from '../../../expressions/key.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';
import type { ClosedByEnd, EarlyEnd, LaneEnd, LaneVector } from '../../resume/lane-vector.js';
import type { ReplayPoint } from '../../resume/replay-point.js';
import type { LaneAnswer } from '../answer.js';
import { late, violation } from '../answer.js';
import { earlyEndBy, isConfirmed, isRefuted } from '../early-end.js';
import type { Fed } from '../input/inbox.js';
import type { LaneMachine } from '../lane-machine.js';
import type { LaneSpec } from '../lane-spec.js';
import { type LaneStats, statsOf } from '../lane-stats.js';
import { countsOf, type NodeCounts, settleAll } from '../node-counts.js';
import type { LaneEdge, LaneNode } from '../nodes/lane-tree.js';
import { makeNodes } from '../nodes/make-nodes.js';
import { NO, orderKeyOf, type Row, UNKNOWN, YES } from '../rows/row.js';
import { type CalledWindow, makeCalledWindow } from '../windows/called-window.js';
import { hasMarks, makeWindows } from '../windows/make-windows.js';
import { Run } from '../windows/run.js';
import type { WindowAges, Windows } from '../windows/windows.js';
import { Evaluation } from './evaluation.js';
import { Eviction } from './eviction.js';
import { nodeVector, oldestMaster, replayPoints, replayPointsBelow } from './replay-points.js';
import { TreeCalls } from './tree-calls.js';

/** Replaces the element of a row that was folded. */
const folded: object = Object.freeze({});

/** Runs any tree: pulls nodes, evaluates rows, and answers with calls, in the order of the master. */
export class TreeLane implements LaneMachine {
  /** The nodes, in the order of the spec. */
  readonly nodes: readonly LaneNode[];
  private readonly root: LaneNode;
  private readonly evictions: readonly Eviction[];
  private readonly unmatchedEdges: readonly LaneEdge[];
  private readonly evaluation = new Evaluation();
  private readonly windows: Windows | undefined;
  /** The groups of an element are folded as soon as the element is taken. */
  private readonly foldsAtOnce: boolean;
  /** A clock closes windows: the key that the window's `onTimeout` returned. */
  private timedOut: { readonly key: unknown } | undefined = undefined;
  /** The survivor that the windows take next. */
  private readonly run = new Run();
  /** Master rows are needed after their own step, so the replay points below them are frozen. */
  private readonly keepsRows: boolean;
  private readonly calls: TreeCalls;
  private readonly closed: ClosedByEnd | undefined;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  private hasNewEnds = false;
  /** No further master element can survive. After a restart, the node must end again first. */
  private earlyEnd: EarlyEnd | undefined;
  /** The master row of the last answer, until the next answer is asked for. */
  private spent: Row | undefined = undefined;

  constructor(spec: LaneSpec, vector?: LaneVector) {
    this.nodes = makeNodes(spec, vector);
    this.root = this.nodes[0] as LaneNode;
    this.evictions = this.nodes.flatMap((node) => node.edges.map((edge) => new Eviction(edge)));
    this.unmatchedEdges = this.root.edges.filter((edge) => edge.unmatched);
    const { hasGroups } = this.root;
    const { windowBy } = this.root.keys;
    this.windows = makeWindows(spec, windowBy, hasGroups, { called: makeCalledWindow() }, vector);
    this.foldsAtOnce = spec.window !== undefined && spec.fold !== undefined && !kindOf(spec.window).foldsAgain;
    this.root.inWindows = () => this.windows?.uncalled() ?? 0;
    this.root.skippedByWindows = () => this.windows?.skipped?.() ?? 0;
    this.keepsRows = spec.window !== undefined || this.unmatchedEdges.length > 0;
    this.calls = new TreeCalls(this.root, hasGroups, hasMarks(spec), vector);
    this.closed = vector?.done.closed;
    this.ended = vector?.ended;
    this.earlyEnd = vector?.over;
    this.root.held.recycles = !this.keepsRows && this.root.spec.order.policy !== 'slack';
  }

  feed(index: number, ...fed: Fed): void {
    const node = this.nodes[index] as LaneNode;
    node.ignored = false;
    node.inbox.feed(...fed);
    if (isRefuted(this.earlyEnd, node)) this.earlyEnd = undefined;
  }

  get windowAges(): WindowAges | undefined {
    return this.windows?.ages;
  }

  limit(): void {}

  counts(node: number): NodeCounts {
    return countsOf(this.nodes[node] as LaneNode);
  }

  stats(): LaneStats {
    return statsOf(this.nodes, this.windows?.held() ?? 0);
  }

  ignore(node: number): void {
    (this.nodes[node] as LaneNode).ignored = true;
    if (this.earlyEnd?.[0] === node && !isConfirmed(this.earlyEnd, this.nodes)) this.earlyEnd = undefined;
  }

  end(node: number): void {
    (this.nodes[node] as LaneNode).sourceEnded = true;
    this.hasNewEnds = true;
  }

  stop(reason: LaneEnd): void {
    this.ended ??= reason;
    settleAll(this.nodes);
  }

  timeout(key?: unknown): void {
    this.timedOut = { key: this.root.keys.timeoutKey(key) };
  }

  retract(): void {
    this.calls.retract();
  }

  get forcedCalls(): number {
    return this.calls.forced;
  }

  next(): LaneAnswer {
    const { calls } = this;
    calls.keep();
    if (this.spent !== undefined) {
      this.root.held.recycle(this.spent);
      this.spent = undefined;
    }
    for (;;) {
      const answer = calls.takeAnswer();
      if (answer !== undefined) return answer;
      const { evaluation } = this;
      const troubled = evaluation.trouble;
      if (troubled !== undefined && (this.ended === undefined || evaluation.hasLate)) {
        evaluation.trouble = undefined;
        return evaluation.troubleKind === 'late' ? late(troubled) : violation(troubled);
      }
      if (this.ended !== undefined) return { what: 'done', because: this.because };
      if (this.timedOut !== undefined && this.closeByClock(this.timedOut.key)) continue;
      if (this.hasNewEnds) this.takeEnds();
      for (let i = 0; i < this.evictions.length; i++) (this.evictions[i] as Eviction).run(evaluation);
      evaluation.begin();
      if (this.step() || evaluation.trouble !== undefined) continue;
      const { wanted } = evaluation;
      const node = wanted.next;
      if (node === undefined && evaluation.hasPulled) continue;
      if (node === undefined) return { what: 'need', nodes: wanted.indexes };
      evaluation.noted(node, node.pull());
    }
  }

  private closeByClock(key: unknown): boolean {
    const call = this.windows?.timeout(key);
    if (call !== undefined) return this.calls.callWindow(call);
    this.timedOut = undefined;
    return false;
  }

  /** Notices ended sources first: an available end is never held back by a wait for another node. */
  private takeEnds(): void {
    this.hasNewEnds = false;
    for (const node of this.nodes) {
      node.noteEnd();
      if (node.sourceEnded && !node.drained) this.hasNewEnds = true;
    }
  }

  /** Takes one step in the lane's sequence of calls. Returns whether it made progress. */
  private step(): boolean {
    const { root, windows } = this;
    let head = root.held.size > 0 ? root.held.at(0) : undefined;
    const over = head === undefined && this.isOver();
    // The vector of a call says that late elements before it were given, so they are given first, one by one.
    if (this.evaluation.hasLate) return false;
    const next = head === undefined && !over ? this.awaited : root;
    if (head === undefined && !over && next === root && root.available) {
      if (!this.evaluation.noted(root, root.pull())) return true;
      // Unmatched rows that this element passes are given first, if the process asks for them.
      if (root.held.size === 0 || this.unmatchedEdges.length > 0) return true;
      head = root.held.at(0);
    }
    if (windows !== undefined) {
      const closed = over ? windows.end() : this.closedWindow(windows, head);
      if (closed !== undefined) return this.calls.callWindow(closed);
    }
    if (head === undefined && !over) {
      this.evaluation.want(next);
      return false;
    }
    for (const edge of this.unmatchedEdges) {
      const moved = this.emitUnmatched(edge, head);
      if (moved !== undefined) return moved;
    }
    return head === undefined ? this.finish() : this.takeMaster(head);
  }

  /** Returns whether no master element that is not taken yet can survive. */
  private isOver(): boolean {
    const { root, evaluation } = this;
    if (this.unmatchedEdges.length > 0) return root.ended;
    // After a restart, those of the open windows are taken again.
    if (this.earlyEnd !== undefined)
      return root.ended || (this.calls.isTakenAgain && isConfirmed(this.earlyEnd, this.nodes));
    if (!evaluation.exhausted(root)) return false;
    if (!root.ended) {
      const node = endCause(evaluation, root);
      this.earlyEnd = earlyEndBy(node, node.ended);
    }
    return true;
  }

  /** The node to read if the lane is not over: after a restart, the one that must end again before the lane is. */
  private get awaited(): LaneNode {
    const isAwaited = this.earlyEnd !== undefined && this.calls.isTakenAgain;
    return isAwaited ? (this.nodes[this.earlyEnd![0]] as LaneNode) : this.root;
  }

  private closedWindow(windows: Windows, head: Row | undefined): CalledWindow | undefined {
    if (head !== undefined) return windows.close(head.windowKey);
    const windowTrack = this.root.keys.window;
    return windowTrack && windows.close(this.root.frontier(windowTrack));
  }

  /** Gives one child row that the head has passed; undefined if this edge has no more of them. */
  private emitUnmatched(edge: LaneEdge, head: Row | undefined): boolean | undefined {
    const { child } = edge;
    const row = edge.pending.shift();
    if (row === undefined) {
      const frontier = child.frontier(edge.rightTrack);
      const passed = head !== undefined && compareKeys(frontier, edge.matching.low(edge.left(head))) >= 0;
      if (child.ended || passed) return undefined;
      if (head !== undefined && this.evaluation.isForced(child, edge.matching.high(edge.left(head)))) return undefined;
      this.evaluation.want(child);
      return false;
    }
    this.calls.emitUnmatched(edge, row);
    return true;
  }

  private finish(): boolean {
    this.because = this.earlyEnd?.[0] ?? endCause(this.evaluation, this.root).index;
    this.ended = this.earlyEnd === undefined && this.root.ended ? 'master' : 'noMatch';
    settleAll(this.nodes);
    return true;
  }

  private takeMaster(head: Row): boolean {
    const { root, windows, calls } = this;
    const verdict = this.evaluation.verdict(root, head);
    if (verdict === UNKNOWN || (verdict === YES && !this.evaluation.completeGroups(root, head))) return false;
    if (this.evaluation.hasLate) return false;
    if (verdict === YES && this.keepsRows && !root.isLeaf) {
      head.more.pointsBelow = replayPointsBelow(root);
      if (this.unmatchedEdges.length > 0) head.more.base = windows?.oldest()?.row ?? head;
    }
    // Before the row leaves the queue: if a fold fails, the vector must contain the row.
    const window = verdict === YES && windows !== undefined ? this.takeForWindows(windows, head) : undefined;
    root.held.shift();
    const key = orderKeyOf(head);
    calls.passMaster(key, head.position);
    calls.isForced ||= this.evaluation.usedForce;
    this.evaluation.usedForce = false;
    if (windows !== undefined) {
      if (window !== undefined) calls.callWindow(window);
    } else if (verdict === NO) {
      calls.isForced = false;
    } else {
      root.matched++;
      this.spent = head;
      calls.callOne(head, key);
    }
    return true;
  }

  /** Adds a survivor to its windows. Returns the window that it completes, if any. */
  private takeForWindows(windows: Windows, row: Row): CalledWindow | undefined {
    this.run.beginRow(row, this.root.keys.windowBy?.keyOf(row.element));
    const window = windows.take(this.run);
    this.run.clear();
    if (this.foldsAtOnce) this.keepPlaceOnly(row);
    return window;
  }

  /** Drops the element and the groups of a folded row: only its place is needed, if the row begins a window. */
  private keepPlaceOnly(row: Row): void {
    this.root.replay.pointOf(row);
    row.groups = undefined;
    row.element = folded;
  }

  passedBelow(node: number): number {
    return (this.nodes[node] as LaneNode).passedBelow;
  }

  vector(): LaneVector {
    const { root, calls, closed } = this;
    const head = root.held.size > 0 ? root.held.at(0) : undefined;
    const points = replayPoints(
      root,
      oldestMaster(root, this.unmatchedEdges, this.windows?.oldest()?.row, calls.retracted, head),
    );
    const values = this.windows?.vector?.(calls.retracted !== undefined);
    return {
      nodes: this.nodes.map((node) => nodeVector(node, points[node.index] as ReplayPoint)),
      done: { ...calls.toJson(), ...(values && { values }), ...(closed && { closed }) },
      ...(this.ended && { ended: this.ended }),
      ...(this.earlyEnd !== undefined && { over: this.earlyEnd }),
    };
  }
}

/** The node whose end ended the lane. */
function endCause(evaluation: Evaluation, node: LaneNode): LaneNode {
  if (node.ended) return node;
  for (const edge of node.edges) {
    if (edge.dropsWithoutMatch && evaluation.decidesAll(edge, node.frontier(edge.leftTrack))) {
      return endCause(evaluation, edge.child);
    }
  }
  return node;
}
