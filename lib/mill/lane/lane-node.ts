import { WaterMillError } from '../../base/watermill-error.js';
import { compareKeys, keyFromJson } from '../../expressions/key.js';
import { givesGroups } from '../../joins/join-kind.js';
import { Inbox } from './inbox.js';
import { KeyDomain, KeyTrack } from './key-track.js';
import type { LaneEdge } from './lane-edge.js';
import type { KeySource, NodeSpec } from './lane-spec.js';
import type { NodeVector } from './lane-vector.js';
import { ReorderBuffer } from './reorder-buffer.js';
import { type Need, NO, type Place, Row, UNKNOWN, YES } from './row.js';
import { RowQueue } from './row-queue.js';

const LOWEST = Number.NEGATIVE_INFINITY;
const HIGHEST = Number.POSITIVE_INFINITY;

/** What a pull came to. */
export type Pulled = 'nothing' | 'rows' | 'late' | 'violation';

/**
 * One node of the tree while a lane runs: takes its elements in order from the inbox, judges their keys by the order
 * policy, and holds those that can still matter as rows.
 */
export class LaneNode {
  readonly edges: LaneEdge[] = [];
  /** The edge to its parent. */
  up: LaneEdge | undefined = undefined;
  /** None of its edges gives groups: in a group it is its element alone. */
  readonly givesNoGroups: boolean;
  readonly held = new RowQueue();
  readonly inbox: Inbox;
  /** The ordered key expressions, each once. */
  readonly tracks: KeyTrack[] = [];
  rightTrack: KeyTrack | undefined;
  readonly leftTracks: KeyTrack[] = [];
  windowKey: KeySource | undefined;
  windowTrack: KeyTrack | undefined;

  /** Its rows give groups to a call: no semi or anti edge above. */
  givesGroups = true;
  /** Nothing more will be fed. */
  sourceEnded = false;
  private closing = false;
  /** No row that is still to come can survive; once true, it stays. */
  exhausted = false;

  /** Wanted in this step, and how far: rows with a right key below `goal` (or equal, `goalIncluded`) change nothing. */
  wanted = false;
  goal: any = undefined;
  goalIncluded = false;
  /** Elements below the goal need not even be held. */
  goalPasses = false;

  /** The element that the last pull found late or wrong. */
  lateElement: object | undefined;
  latePosition = -1;
  badTrack: KeyTrack | undefined;

  read = 0;
  matched = 0;
  late = 0;
  seen: number;
  private nextSequence = 0;
  private readonly reorder: ReorderBuffer | undefined;
  private readonly byTrack: KeyTrack | undefined;
  /** Under slack: the place of the row released last; those up to it are done. */
  private lastPlace: Place = { key: LOWEST, position: -1 };
  private readonly donePlace: Place;
  /** Where the first open row stands: see `firstOpen`. */
  private openSequence = 0;

  constructor(
    readonly index: number,
    readonly spec: NodeSpec,
    rightSource: KeySource | undefined,
    rightDomain: KeyDomain | undefined,
    window: { readonly source: KeySource; readonly ordered: boolean } | undefined,
    private readonly restart: NodeVector | undefined,
  ) {
    this.inbox = new Inbox(restart?.from ?? 0);
    this.givesNoGroups = !spec.edges.some((edge) => givesGroups(edge.kind));
    if (rightSource !== undefined) this.rightTrack = this.track(rightSource, rightDomain);
    for (const edge of spec.edges) this.leftTracks.push(this.track(edge.left));
    if (window !== undefined) {
      this.windowKey = window.source;
      if (window.ordered) this.windowTrack = this.track(window.source);
    }
    if (spec.order.policy === 'slack') {
      this.reorder = new ReorderBuffer(spec.order.slack);
      this.byTrack = this.track(spec.order.by);
    }
    this.seen = restart?.seen ?? -1;
    const after = restart?.after;
    this.donePlace = after === undefined ? this.lastPlace : { key: normal(keyFromJson(after[0])), position: after[1] };
    this.lastPlace = this.donePlace;
    this.tracks.forEach((track, i) => {
      const high = keyFromJson(restart?.high[i] ?? null);
      if (high === undefined || high === LOWEST) return;
      track.domain.sample ??= high;
      track.high = normal(high);
    });
  }

  /** The track of an expression: expressions that print alike are one, functions are one by identity. */
  private track(source: KeySource, domain = new KeyDomain()): KeyTrack {
    const text = String(source);
    const known = this.tracks.find(
      (track) => track.source === source || (text !== 'function' && String(track.source) === text),
    );
    if (known !== undefined) return known;
    const made = new KeyTrack(source, domain);
    this.tracks.push(made);
    return made;
  }

  get isLeaf(): boolean {
    return this.edges.length === 0;
  }

  get ended(): boolean {
    return this.closing && (this.reorder === undefined || this.reorder.size === 0);
  }

  /** Whether a pull would come to anything. */
  get available(): boolean {
    return !this.inbox.isEmpty || (this.sourceEnded && !this.closing) || this.nextIsDue();
  }

  /** The lowest key of this expression that can still come, not counting what is held. */
  frontier(track: KeyTrack): any {
    if (this.ended) return HIGHEST;
    if (track !== this.byTrack) return track.high;
    const reorder = this.reorder as ReorderBuffer;
    const next = reorder.next;
    if (this.closing) return (next as { key: any }).key;
    const limit = reorder.limit(track.high);
    return next !== undefined && compareKeys(next.key, limit) < 0 ? next.key : limit;
  }

  /** The end of the stream is known: taken note of as soon as nothing is unread. */
  close(): boolean {
    if (this.closing || !this.sourceEnded || !this.inbox.isEmpty) return false;
    this.closing = true;
    return true;
  }

  /** Takes elements until one can change something, or one is late, or nothing is at hand. */
  pull(): Pulled {
    for (;;) {
      if (this.nextIsDue()) {
        const outcome = this.releaseNext();
        if (outcome === 'nothing') continue;
        return outcome;
      }
      if (this.inbox.isEmpty) {
        this.close();
        return 'nothing';
      }
      const outcome = this.reorder === undefined ? this.takeInOrder() : this.takeForReorder();
      if (outcome === 'nothing') continue;
      if (outcome !== 'rows') return outcome;
      if (this.goal === undefined || this.goalReached()) return outcome;
    }
  }

  private goalReached(): boolean {
    const order = compareKeys((this.rightTrack as KeyTrack).high, this.goal);
    return this.goalIncluded ? order > 0 : order >= 0;
  }

  private takeInOrder(): Pulled {
    const { element, position } = this.inbox;
    for (const track of this.tracks) {
      if (!this.readKey(track, element, position) || !track.inOrder()) return this.turnAway(track, element, position);
    }
    for (const track of this.tracks) track.accept();
    this.inbox.advance();
    this.read++;
    if (position > this.seen) this.seen = position;
    if (this.goalPasses && !this.goalReached()) return 'rows';
    this.hold(element, position, undefined);
    return 'rows';
  }

  private takeForReorder(): Pulled {
    const { element, position } = this.inbox;
    const by = this.byTrack as KeyTrack;
    const reorder = this.reorder as ReorderBuffer;
    for (const track of this.tracks) {
      if (!this.readKey(track, element, position)) return this.turnAway(track, element, position);
    }
    const key = by.current;
    if (compareKeys(key, reorder.limit(by.high)) < 0) {
      by.problem = 'order';
      return this.turnAway(by, element, position);
    }
    const highBefore = by.high;
    if (compareKeys(key, highBefore) > 0) by.accept();
    this.inbox.advance();
    this.read++;
    if (position > this.seen) this.seen = position;
    reorder.add(element, position, key, highBefore);
    return 'nothing';
  }

  private nextIsDue(): boolean {
    const { reorder } = this;
    const next = reorder?.next;
    if (reorder === undefined || next === undefined) return false;
    return this.closing || compareKeys(next.key, reorder.limit((this.byTrack as KeyTrack).high)) <= 0;
  }

  private releaseNext(): Pulled {
    const own = this.own();
    const { element, position, key } = (this.reorder as ReorderBuffer).release();
    const place = { key, position };
    if (comparePlaces(place, this.donePlace) <= 0) return 'nothing';
    for (const track of this.tracks) {
      if (!this.readKey(track, element, position) || (track !== this.byTrack && !track.inOrder())) {
        this.lastPlace = place;
        return this.turnAwayReordered(track, element, position);
      }
    }
    for (const track of this.tracks) if (track !== this.byTrack) track.accept();
    this.hold(element, position, own);
    this.lastPlace = place;
    return 'rows';
  }

  private readKey(track: KeyTrack, element: object, position: number): boolean {
    try {
      return track.read(element);
    } catch (cause) {
      throw new WaterMillError(
        'WM_KEY_FAILED',
        `${this.spec.name} at position ${position}: the key ${track.source} could not be computed: ${(cause as Error)?.message ?? cause}. ` +
          'Make the expression take every element of the stream, or leave such elements out before.',
        { message: this.spec.name, position, expression: String(track.source) },
        { cause },
      );
    }
  }

  /** An element that breaks the order: the policy says whether the lane fails or goes on without it. */
  private turnAway(track: KeyTrack, element: object, position: number): Pulled {
    this.lateElement = element;
    this.latePosition = position;
    this.badTrack = track;
    if (this.spec.order.policy === 'fail') return 'violation';
    this.inbox.advance();
    this.read++;
    const fresh = position > this.seen;
    if (fresh) this.seen = position;
    this.late++;
    return fresh ? 'late' : 'nothing';
  }

  /** As above, for an element that slack had let in: another of its keys decreases in the new order. */
  private turnAwayReordered(track: KeyTrack, element: object, position: number): Pulled {
    this.lateElement = element;
    this.latePosition = position;
    this.badTrack = track;
    this.late++;
    return 'late';
  }

  private hold(element: object, position: number, own: Need | undefined): void {
    const { leftTracks } = this;
    const row = new Row(
      element,
      position,
      this.nextSequence++,
      this.rightTrack?.current,
      leftTracks.length > 0 ? (leftTracks[0] as KeyTrack).current : undefined,
      leftTracks.length > 1 ? leftTracks.map((track) => track.current) : undefined,
      this.windowTrack !== undefined ? this.windowTrack.current : this.windowKey?.evaluate(element),
      this.byTrack?.current,
      leftTracks.length === 0 ? YES : UNKNOWN,
    );
    row.own = own;
    if (this.up === undefined || this.up.canUse(row)) this.held.push(row);
  }

  /** The first held row that is not settled yet: whose groups, or whose verdict where no groups are asked, are open. */
  firstOpen(): Row | undefined {
    const { held } = this;
    let i = held.indexOf(this.openSequence);
    for (; i < held.size; i++) {
      const row = held.at(i);
      if (!row.gone && this.isOpen(row)) break;
    }
    if (i === held.size) {
      this.openSequence = this.nextSequence;
      return undefined;
    }
    const row = held.at(i);
    this.openSequence = row.sequence;
    return row;
  }

  private isOpen(row: Row): boolean {
    if (row.verdict === NO) return false;
    return this.givesGroups ? row.groups === undefined : row.verdict === UNKNOWN;
  }

  /** Where to read from so that everything that is not pulled yet comes again, in order. */
  own(): Need {
    const oldest = this.reorder?.oldest;
    return {
      node: this,
      from: oldest?.position ?? this.inbox.unread,
      high: this.tracks.map((track) => (track === this.byTrack && oldest !== undefined ? oldest.highBefore : track.high)),
      after: this.reorder === undefined ? undefined : this.lastPlace,
    };
  }

  /** The same, so that this held row comes again too. Its own keys stand for the highest before it: they judge alike. */
  ownOf(row: Row): Need {
    row.own ??= {
      node: this,
      from: row.position,
      high: this.tracks.map((track) => {
        track.read(row.element);
        return track.current;
      }),
      after: undefined,
    };
    return row.own;
  }

  /** The place of a row in this node's order. */
  placeOf(row: Row): Place {
    return { key: row.orderKey ?? LOWEST, position: row.position };
  }

  /** The place up to which this node was done when the lane started. */
  get startPlace(): Place {
    if (this.reorder !== undefined) return this.donePlace;
    return { key: LOWEST, position: (this.restart?.from ?? 0) - 1 };
  }
}

export function comparePlaces(a: Place, b: Place): number {
  const byKey = compareKeys(a.key, b.key);
  return byKey !== 0 ? byKey : a.position - b.position;
}

function normal(key: unknown): any {
  return key instanceof Date ? key.getTime() : key;
}
