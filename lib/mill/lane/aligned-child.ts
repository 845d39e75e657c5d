import { compareKeys, keyToJson } from '../../expressions/key.js';
import type { JoinKind } from '../../joins/join-kind.js';
import type { KeyTrack } from './key-track.js';
import type { LaneEdge, LaneNode } from './lane-tree.js';
import type { NodeVector } from './lane-vector.js';

const LOWEST = Number.NEGATIVE_INFINITY;
const noGroup: readonly object[] = Object.freeze([]);

/** One child stream of an aligned merge: the group of one key, and the element after it. */
export class AlignedChild {
  /** The elements with this key. Handed out as it is: equal master keys see the same group. */
  group: readonly object[] = noGroup;
  groupKey: any = LOWEST;
  private groupFrom = -1;
  /** More elements of the group may come. */
  private isCollecting = false;
  /** The element after the group. */
  private head: object | undefined = undefined;
  private headKey: any = LOWEST;
  private headPosition = -1;
  readonly node: LaneNode;
  readonly kind: JoinKind;
  readonly gives: boolean;
  /** A master element without a match here fails; with an anti edge one with a match does. */
  readonly mustMatch: boolean;
  private readonly track: KeyTrack;

  constructor(edge: LaneEdge) {
    const node = edge.child;
    this.node = node;
    this.kind = edge.kind;
    this.gives = edge.gives;
    this.mustMatch = edge.kind === 'inner' || edge.kind === 'semi';
    this.track = edge.rightTrack;
    node.waitingElsewhere = () => (this.head === undefined ? 0 : 1) + (this.isCollecting ? this.group.length : 0);
  }

  /** Nothing is left of it but the group. */
  get isExhausted(): boolean {
    return this.head === undefined && this.node.sourceEnded && this.node.inbox.isEmpty;
  }

  /** Looks for the key; what lies before it is passed over. */
  seek(key: any): 'match' | 'none' | 'need' | 'violation' {
    if (compareKeys(this.groupKey, key) === 0) return 'match';
    for (;;) {
      if (this.head === undefined) {
        const read = this.readHead();
        if (read !== 'head') return read === 'end' ? 'none' : read;
      }
      const order = compareKeys(this.headKey, key);
      if (order > 0) return 'none';
      if (order === 0) break;
      this.head = undefined;
    }
    this.group = [this.head as object];
    this.groupKey = this.headKey;
    this.groupFrom = this.headPosition;
    this.isCollecting = true;
    this.head = undefined;
    return 'match';
  }

  /** The whole group of the key. */
  collect(key: any): readonly object[] | 'need' | 'violation' {
    if (!this.isCollecting || compareKeys(this.groupKey, key) !== 0) {
      const found = this.seek(key);
      if (found === 'none') return noGroup;
      if (found !== 'match') return found;
      if (!this.isCollecting) return this.group;
    }
    const group = this.group as object[];
    for (;;) {
      if (this.head === undefined) {
        const read = this.readHead();
        if (read === 'need' || read === 'violation') return read;
        if (read === 'end') break;
      }
      if (compareKeys(this.headKey, this.groupKey) !== 0) break;
      group.push(this.head as unknown as object);
      this.head = undefined;
    }
    this.isCollecting = false;
    this.node.matched += group.length;
    return group;
  }

  private readHead(): 'head' | 'end' | 'need' | 'violation' {
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

  /** Where to read from while master keys from `floor` on can come. */
  vector(floor: any): NodeVector {
    const { track } = this;
    const high = (key: any) => [keyToJson(track.show(key) as any)];
    if (this.groupFrom >= 0 && compareKeys(this.groupKey, floor) >= 0) {
      return { from: this.groupFrom, high: high(this.groupKey) };
    }
    if (this.head !== undefined) return { from: this.headPosition, high: high(this.headKey) };
    return { from: this.node.inbox.unread, high: high(track.high) };
  }
}
