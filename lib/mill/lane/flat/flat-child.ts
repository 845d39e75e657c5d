import { keyToJson } from '../../../expressions/key-json.js';
import { givesGroups, type JoinKind } from '../../../joins/join-kind.js';
import type { Matching } from '../../../joins/matching/matching.js';
import type { KeyTrack } from '../key-track.js';
import type { LaneEdge, LaneNode } from '../lane-tree.js';
import type { NodeVector } from '../lane-vector.js';
import type { OnKeys } from '../on-keys.js';

/** A group, or why it is not known yet. */
export type Collected = readonly object[] | 'need' | 'violation';

/** Whether there is a match, or why that is not known yet. */
export type Sought = 'match' | 'none' | 'need' | 'violation';

export const noGroup: readonly object[] = Object.freeze([]);

/** One child stream of a flat join: what it holds of it, by its way of matching, and the element after that. */
export abstract class FlatChild {
  readonly node: LaneNode;
  readonly kind: JoinKind;
  readonly gives: boolean;
  /** A master element without a match here fails; with an anti edge one with a match does. */
  readonly mustMatch: boolean;
  protected readonly matching: Matching;
  protected readonly on: OnKeys | undefined;
  protected readonly track: KeyTrack;
  /** The element that was read and lies beyond what was asked for. */
  protected head: object | undefined = undefined;
  protected headKey: any = Number.NEGATIVE_INFINITY;
  protected headPosition = -1;

  constructor(edge: LaneEdge) {
    this.node = edge.child;
    this.kind = edge.kind;
    this.gives = givesGroups(edge.kind);
    this.mustMatch = edge.kind === 'inner' || edge.kind === 'semi';
    this.matching = edge.matching;
    this.on = edge.on;
    this.track = edge.rightTrack;
    this.node.waitingElsewhere = () => (this.head === undefined ? 0 : 1) + this.unmatched;
  }

  /** Elements held that were in no group yet. */
  protected abstract readonly unmatched: number;

  /** Whether a master element with this key has a match. What lies before is passed over. */
  abstract seek(left: any, master: object): Sought;

  /** The whole group of a master element. */
  abstract collect(left: any, master: object): Collected;

  /** Whether what is held decides against every master element from this key on, when nothing more comes. */
  protected abstract decidesAgainst(lowestLeft: any): boolean;

  /** The position and the key of the oldest element held that a master element from this key on can ask for. */
  protected abstract oldest(lowestLeft: any): { readonly position: number; readonly key: any } | undefined;

  /** No master element from this key on can survive this edge. */
  rulesOut(lowestLeft: any): boolean {
    if (!this.mustMatch) return this.kind === 'anti' && this.decidesAgainst(lowestLeft);
    return this.head === undefined && this.isAtEnd && this.decidesAgainst(lowestLeft);
  }

  private get isAtEnd(): boolean {
    return this.node.sourceEnded && this.node.inbox.isEmpty;
  }

  /** Makes sure that there is a head. */
  protected readHead(): 'head' | 'end' | 'need' | 'violation' {
    if (this.head !== undefined) return 'head';
    const { node, track } = this;
    const { inbox } = node;
    if (inbox.isEmpty) return node.sourceEnded ? 'end' : 'need';
    const { element, position } = inbox;
    if (!node.takeKeys(element, position)) {
      node.turnAway(track, element, position);
      return 'violation';
    }
    inbox.advance();
    node.read++;
    this.head = element;
    this.headKey = track.current;
    this.headPosition = position;
    return 'head';
  }

  /** Where to read from while master keys from `floor` on can come. An element's own keys stand for those before it. */
  vector(floor: any): NodeVector {
    const { track } = this;
    const high = (key: any) => [keyToJson(track.show(key) as any)];
    const oldest = floor === Number.POSITIVE_INFINITY ? undefined : this.oldest(floor);
    if (oldest !== undefined) return { from: oldest.position, high: high(oldest.key) };
    if (this.head !== undefined) return { from: this.headPosition, high: high(this.headKey) };
    return { from: this.node.inbox.unread, high: high(track.high) };
  }
}
