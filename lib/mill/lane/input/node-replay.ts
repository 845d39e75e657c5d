import type { NodeVector, PlaceJson } from '../../resume/lane-vector.js';
import { comparePlaces, compareToPlace, type Place, placeFromJson } from '../../resume/place.js';
import type { ReplayPoint } from '../../resume/replay-point.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { NodeKeys } from '../keys/node-keys.js';
import { orderKeyOf, type Row } from '../rows/row.js';
import type { HighWater } from './high-water.js';
import type { Inbox } from './inbox.js';

const NOWHERE: Place = { key: Number.NEGATIVE_INFINITY, position: -1 };

/** Knows the point to read a node again from after a restart, and which of the elements read again are done. */
export class NodeReplay {
  private readonly start: number;
  /** Under slack: the place of the last element taken out of the reorder buffer. Elements up to it are done. */
  private lastPlace: Place;
  private readonly donePlace: Place;
  /** The place up to which elements were taken in order: the end of a stream releases them before the slack does. */
  private readonly released: Place;
  /** The highest position of these elements. */
  private readonly seen: number;
  /**
   * The place up to which late elements were given, of those that came in under slack and are late by another key in
   * the new order.
   */
  private readonly givenPlace: Place;
  private lastHigh: any[] = [];

  constructor(
    /** The index of the node in the spec. */
    private readonly index: number,
    private readonly keys: NodeKeys,
    private readonly inbox: Inbox,
    /** Only under slack. */
    private readonly highWater: HighWater | undefined,
    restart: NodeVector | undefined,
    /** The master element that the lane took last before a restart. */
    taken: PlaceJson | undefined,
  ) {
    this.start = restart?.from ?? 0;
    this.donePlace = restart?.after === undefined ? NOWHERE : placeFromJson(restart.after);
    this.lastPlace = this.donePlace;
    const last = taken === undefined ? NOWHERE : placeFromJson(taken);
    this.released = comparePlaces(last, this.donePlace) > 0 ? last : this.donePlace;
    this.seen = restart?.seen ?? -1;
    this.givenPlace = restart?.seenPlace === undefined ? NOWHERE : placeFromJson(restart.seenPlace);
  }

  /** The point from which all elements that are not taken yet come again, in order. */
  point(): ReplayPoint {
    return {
      node: this.index,
      from: this.from,
      high: this.high,
      after: this.highWater === undefined ? undefined : this.lastPlace,
    };
  }

  get from(): number {
    return this.highWater?.from ?? this.inbox.unread;
  }

  /** The highest keys before `from`. Often the same array as the last time. */
  get high(): readonly any[] {
    const { remembered, by } = this.keys;
    let high = this.lastHigh;
    for (let i = 0; i < remembered.length; i++) {
      const track = remembered[i] as KeyTrack;
      const key = track === by ? (this.highWater as HighWater).high : track.isOrdered ? track.high : track.domain.first;
      if (key === high[i]) continue;
      if (high === this.lastHigh) high = high.slice();
      high[i] = key;
    }
    this.lastHigh = high;
    return high;
  }

  /**
   * The point from which a held row comes again, too. Its own keys stand for the highest before it: the checks have the
   * same outcome.
   */
  pointOf(row: Row): ReplayPoint {
    const { more, turn } = row;
    more.replayPoint ??=
      turn === undefined
        ? { node: this.index, from: row.position, high: this.keysOf(row), after: undefined }
        : {
            node: this.index,
            from: turn.from,
            high: turn.high,
            // The place just before the row in the new order.
            after: { key: turn.orderKey, position: row.position - 1 },
          };
    return more.replayPoint;
  }

  private keysOf(row: Row): readonly any[] {
    return this.keys.remembered.map((track) => {
      if (!track.isOrdered) return track.domain.first;
      track.read(row.element);
      return track.current;
    });
  }

  get releasedKey(): any {
    return this.released.key;
  }

  /** Returns whether an element was appended to a stream that had ended, and later ones in its order were taken then. */
  isBehind(key: any, position: number): boolean {
    return position > this.seen && compareToPlace(key, position, this.released) < 0;
  }

  /** Under slack: records that the element at this place was taken out of the reorder buffer. */
  passed(place: Place): void {
    this.lastPlace = place;
  }

  /** Returns whether the element at this place was done when the lane started. */
  wasDone(place: Place): boolean {
    return comparePlaces(place, this.donePlace) <= 0;
  }

  /** Returns whether the element taken out last, which is late in the new order, was given before the lane started. */
  get wasLastGiven(): boolean {
    return comparePlaces(this.lastPlace, this.givenPlace) <= 0;
  }

  /** The place in the new order up to which late elements were given; undefined if none can be late in it. */
  get seenPlace(): Place | undefined {
    if (this.highWater === undefined || this.keys.tracks.length === 1) return undefined;
    return this.wasLastGiven ? this.givenPlace : this.lastPlace;
  }

  /** The place of a row in the order of its node. */
  placeOf(row: Row): Place {
    return { key: orderKeyOf(row), position: row.position };
  }

  /** The place up to which the node was done when the lane started. */
  get startPlace(): Place {
    return this.highWater === undefined ? { key: NOWHERE.key, position: this.start - 1 } : this.donePlace;
  }
}
