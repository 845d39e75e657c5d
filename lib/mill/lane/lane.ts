import { compareKeys, keyFromJson } from '../../expressions/key.js';
import type { LaneAnswer, NeedAnswer, ViolationAnswer } from './answer.js';
import { Evaluation } from './evaluation.js';
import { KeyDomain } from './key-track.js';
import { LaneEdge } from './lane-edge.js';
import { comparePlaces, LaneNode } from './lane-node.js';
import type { EdgeSpec, KeySource, LaneSpec } from './lane-spec.js';
import type { LaneEnd, LaneVector, PlaceJson } from './lane-vector.js';
import { needsBelow, needToJson, placeToJson } from './positions.js';
import { releaseBelow } from './release.js';
import { NO, type Need, type Place, type Row, UNKNOWN, YES } from './row.js';
import { makeWindows, type WindowCall, type Windows } from './windows/windows.js';

const NOWHERE: Place = { key: Number.NEGATIVE_INFINITY, position: -1 };

/** How far the lane's one sequence of calls has come: a master row passed, then child rows released before the next. */
interface Slot {
  master: Place;
  edge: number;
  child: Place;
}

/**
 * The joining machine of one lane: fed with batches, asked what is next. Pure and synchronous: it knows no promise, no
 * clock and no broker, so that its answers depend on what it was fed and on nothing else.
 */
export class Lane {
  readonly nodes: readonly LaneNode[];
  private readonly root: LaneNode;
  private readonly evaluation = new Evaluation();
  private readonly windows: Windows;
  /** Frozen positions are needed below master rows that outlive their own turn. */
  private readonly keepsRows: boolean;
  private readonly unmatchedEdges: readonly LaneEdge[];
  private slot: Slot;
  private doneSlot: Slot;
  private doneWindow: Place;
  private ended: LaneEnd | undefined;
  private because: number | undefined;
  private answered: LaneAnswer | undefined;

  constructor(spec: LaneSpec, vector?: LaneVector) {
    this.nodes = makeNodes(spec, vector);
    this.root = this.nodes[0] as LaneNode;
    this.windows = makeWindows(spec.window, (row) => this.root.placeOf(row));
    this.unmatchedEdges = this.root.edges.filter((edge) => edge.unmatched);
    this.keepsRows = spec.window !== undefined || this.unmatchedEdges.length > 0;
    this.slot = { master: this.root.startPlace, edge: -1, child: NOWHERE };
    this.doneSlot = vector === undefined ? { master: NOWHERE, edge: -1, child: NOWHERE } : slotFromJson(vector);
    this.doneWindow = vector === undefined ? NOWHERE : placeFromJson(vector.done.window);
    this.ended = vector?.ended;
  }

  /** Elements of a node's stream, in order, at positions `first`, `first + 1`, … or at those given. */
  feed(node: number, elements: readonly object[], first: number, positions?: readonly number[]): void {
    (this.nodes[node] as LaneNode).inbox.feed(elements, first, positions);
  }

  /** Nothing more will be fed to this node. */
  end(node: number): void {
    (this.nodes[node] as LaneNode).sourceEnded = true;
  }

  /** Ends the lane now: open windows and pending unmatched rows are dropped. */
  stop(reason: LaneEnd): void {
    this.ended ??= reason;
  }

  /** Nothing came for a while; `key` is what the window's `onTimeout` gave. Its answer comes with `next`. */
  timeout(key?: unknown): void {
    const call = this.ended === undefined ? this.windows.timeout(key) : undefined;
    if (call !== undefined) this.answer(call);
  }

  next(): LaneAnswer {
    const waiting = this.answered;
    if (waiting !== undefined) {
      this.answered = undefined;
      return waiting;
    }
    for (;;) {
      if (this.ended !== undefined) return { what: 'done', because: this.because };
      // An end at hand is never held back by what somebody waits for.
      for (const node of this.nodes) node.close();
      for (const node of this.nodes) releaseBelow(this.evaluation, node);
      this.evaluation.begin();
      const moved = this.step();
      const answer = this.answered as LaneAnswer | undefined;
      if (answer !== undefined) {
        this.answered = undefined;
        return answer;
      }
      if (moved) continue;
      const pulled = this.pull();
      if (pulled !== undefined) return pulled;
    }
  }

  /** Takes more of a wanted node; an answer where none has any, or where its next element is out of order. */
  private pull(): LaneAnswer | undefined {
    const { wants } = this.evaluation;
    for (const node of wants) {
      if (!node.available) continue;
      const outcome = node.pull();
      if (outcome === 'late') return this.late(node);
      if (outcome === 'violation') return this.violation(node);
      return undefined;
    }
    return { what: 'need', nodes: wants.map((node) => node.index) } satisfies NeedAnswer;
  }

  /** One step of the lane's sequence of calls; true where it moved on, or answered. */
  private step(): boolean {
    const { root } = this;
    const head = root.held.size > 0 ? root.held.at(0) : undefined;
    const over = head === undefined && (this.unmatchedEdges.length > 0 ? root.ended : this.evaluation.exhausted(root));
    const closed = this.windows.close(this.windowFloor(head, over));
    if (closed !== undefined) return this.answer(closed);
    if (head === undefined && !over) {
      this.evaluation.want(root);
      return false;
    }
    for (const edge of this.unmatchedEdges) {
      const moved = this.releaseUnmatched(edge, head);
      if (moved !== undefined) return moved;
    }
    if (head === undefined) return this.finish();
    return this.takeMaster(head);
  }

  private windowFloor(head: Row | undefined, over: boolean): any {
    if (over) return Number.POSITIVE_INFINITY;
    if (head !== undefined) return head.windowKey;
    const { windowTrack } = this.root;
    return windowTrack === undefined ? undefined : this.root.frontier(windowTrack);
  }

  /** Releases one child row that the head leaves behind; undefined where this edge has no more of them. */
  private releaseUnmatched(edge: LaneEdge, head: Row | undefined): boolean | undefined {
    const { child } = edge;
    const row = edge.pending.shift();
    if (row === undefined) {
      const frontier = child.frontier(child.rightTrack as any);
      const passed = head !== undefined && compareKeys(frontier, edge.matching.low(edge.left(head))) >= 0;
      if (child.ended || passed) return undefined;
      this.evaluation.want(child);
      return false;
    }
    this.slot = { master: this.slot.master, edge: edge.index, child: child.placeOf(row) };
    if (row.usedBy === undefined && compareSlots(this.slot, this.doneSlot) > 0) {
      this.answered = { what: 'unmatched', node: child.index, element: row.element };
    }
    return true;
  }

  private finish(): boolean {
    this.because = endCause(this.evaluation, this.root);
    this.ended = this.root.ended ? 'master' : 'noMatch';
    return true;
  }

  private takeMaster(head: Row): boolean {
    const { root } = this;
    const verdict = this.evaluation.verdict(root, head);
    if (verdict === UNKNOWN || (verdict === YES && !this.evaluation.complete(root, head))) return false;
    root.held.shift();
    this.slot = { master: root.placeOf(head), edge: -1, child: NOWHERE };
    if (verdict === NO) return true;
    root.matched++;
    if (this.keepsRows) {
      head.needs = needsBelow(root);
      head.base = this.windows.oldest() ?? head;
    }
    const call = this.windows.add(head);
    if (call !== undefined) this.answer(call);
    return true;
  }

  /** A window is called, unless it was called before a restart. */
  private answer(call: WindowCall): boolean {
    if (comparePlaces(call.id, this.doneWindow) > 0) {
      this.doneWindow = call.id;
      const { windowTrack } = this.root;
      const show = (key: any): unknown => (windowTrack === undefined ? key : windowTrack.show(key));
      this.answered = { what: 'call', rows: call.rows, start: show(call.start), end: show(call.end) };
    }
    return true;
  }

  private late(node: LaneNode): LaneAnswer {
    return { what: 'late', node: node.index, element: node.lateElement as object, position: node.latePosition };
  }

  private violation(node: LaneNode): ViolationAnswer {
    const track = node.badTrack as NonNullable<LaneNode['badTrack']>;
    return {
      what: 'violation',
      node: node.index,
      position: node.latePosition,
      expression: String(track.source),
      before: track.problem === 'type' ? track.domain.sample : known(track.show(track.high)),
      key: track.problem === 'order' ? track.show(track.current) : track.current,
      problem: track.problem,
    };
  }

  /** What must be remembered now so that a new lane gives exactly the calls that were not given yet. */
  vector(): LaneVector {
    const { root } = this;
    const oldest = this.oldestMaster();
    const needs = new Map<LaneNode, Need>();
    const own = oldest === undefined ? root.own() : root.ownOf(oldest);
    for (const need of [own, ...(oldest?.needs ?? needsBelow(root))]) needs.set(need.node, need);
    const slot = compareSlots(this.slot, this.doneSlot) > 0 ? this.slot : this.doneSlot;
    return {
      nodes: this.nodes.map((node) => needToJson(needs.get(node) as Need)),
      done: {
        slot: [placeToJson(slot.master), slot.edge, placeToJson(slot.child)],
        window: placeToJson(this.doneWindow),
      },
      ...(this.ended && { ended: this.ended }),
    };
  }

  /** The oldest master row that a restart must see again. */
  private oldestMaster(): Row | undefined {
    let oldest = this.windows.oldest();
    const consider = (row: Row | undefined): void => {
      if (row === undefined) return;
      if (oldest === undefined || comparePlaces(this.root.placeOf(row), this.root.placeOf(oldest)) < 0) oldest = row;
    };
    if (this.root.held.size > 0) consider(this.root.held.at(0));
    for (const edge of this.unmatchedEdges) {
      for (const row of edge.pending) consider(row.usedBy?.base);
      for (let i = 0; i < edge.child.held.size; i++) consider(edge.child.held.at(i).usedBy?.base);
    }
    return oldest;
  }
}

function makeNodes(spec: LaneSpec, vector: LaneVector | undefined): readonly LaneNode[] {
  const nodes: LaneNode[] = [];
  const visit = (index: number, edge: EdgeSpec | undefined, domain: KeyDomain | undefined, gives: boolean): LaneNode => {
    const nodeSpec = spec.nodes[index] as LaneSpec['nodes'][number];
    const window = index === 0 ? windowSource(spec) : undefined;
    const node = new LaneNode(index, nodeSpec, edge?.right, domain, window, vector?.nodes[index]);
    node.givesGroups = gives;
    nodes[index] = node;
    nodeSpec.edges.forEach((childEdge, i) => {
      const left = node.leftTracks[i] as LaneNode['leftTracks'][number];
      const child = visit(childEdge.child, childEdge, left.domain, gives && (childEdge.kind === 'inner' || childEdge.kind === 'left'));
      const made = new LaneEdge(childEdge, i, node, child);
      node.edges.push(made);
      child.up = made;
    });
    return node;
  };
  visit(0, undefined, undefined, true);
  return nodes;
}

function windowSource(spec: LaneSpec): { source: KeySource; ordered: boolean } | undefined {
  const { window } = spec;
  if (window === undefined || window.type === 'count' || window.type === 'batch') return undefined;
  return { source: window.key, ordered: window.type !== 'expression' };
}

function endCause(evaluation: Evaluation, node: LaneNode): number {
  if (node.ended) return node.index;
  for (const edge of node.edges) {
    if (edge.kind === 'anti') continue;
    if (edge.kind !== 'left' && evaluation.exhausted(edge.child)) return endCause(evaluation, edge.child);
  }
  return node.index;
}

function compareSlots(a: Slot, b: Slot): number {
  return comparePlaces(a.master, b.master) || a.edge - b.edge || comparePlaces(a.child, b.child);
}

function slotFromJson(vector: LaneVector): Slot {
  const [master, edge, child] = vector.done.slot;
  return { master: placeFromJson(master), edge, child: placeFromJson(child) };
}

function placeFromJson([key, position]: PlaceJson): Place {
  return { key: keyFromJson(key), position };
}

function known(key: unknown): unknown {
  return key === Number.NEGATIVE_INFINITY ? undefined : key;
}
