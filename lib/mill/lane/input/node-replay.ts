import type { NodeVector } from '../../resume/lane-vector.js';
import { comparePlaces, type Place, placeFromJson } from '../../resume/place.js';
import type { ReplayPoint } from '../../resume/replay-point.js';
import { orderKeyOf, type Row } from '../tree/row.js';
import type { HighWater } from './high-water.js';
import type { Inbox } from './inbox.js';
import type { KeyTrack } from './key-track.js';
import type { NodeKeys } from './node-keys.js';

const NOWHERE: Place = { key: Number.NEGATIVE_INFINITY, position: -1 };

/** Where a node is read again from after a restart, and what of that is done already. */
export class NodeReplay {
  private readonly start: number;
  /** Under slack: the place of the element that had its turn last; those up to it are done. */
  private lastPlace: Place;
  private readonly donePlace: Place;
  /** Up to where elements that slack let in, and that are late by another key in the new order, were given. */
  private readonly givenPlace: Place;
  private lastHigh: any[] = [];

  constructor(
    /** The node's place in the spec. */
    private readonly index: number,
    private readonly keys: NodeKeys,
    private readonly inbox: Inbox,
    /** Only under slack. */
    private readonly highWater: HighWater | undefined,
    restart: NodeVector | undefined,
  ) {
    this.start = restart?.from ?? 0;
    this.donePlace = restart?.after === undefined ? NOWHERE : placeFromJson(restart.after);
    this.lastPlace = this.donePlace;
    this.givenPlace = restart?.seenPlace === undefined ? NOWHERE : placeFromJson(restart.seenPlace);
  }

  /** From where everything comes again, in order, that is not taken yet. */
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

  /** The highest keys before `from`: often those of the last time, as the same array. */
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

  /** From where this held row comes again, too. Its own keys replace the highest before it: they decide alike. */
  pointOf(row: Row): ReplayPoint {
    const { more, turn } = row;
    more.replayPoint ??=
      turn === undefined
        ? { node: this.index, from: row.position, high: this.keysOf(row), after: undefined }
        : {
            node: this.index,
            from: turn.from,
            high: turn.high,
            // All before it in the new order, and nothing else, is up to there.
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

  /** Under slack: the element at this place had its turn. */
  passed(place: Place): void {
    this.lastPlace = place;
  }

  /** Whether the element at this place was done when the lane started. */
  wasDone(place: Place): boolean {
    return comparePlaces(place, this.donePlace) <= 0;
  }

  /** Whether the element that had its turn last, and is late in the new order, was given before the lane started. */
  get wasLastGiven(): boolean {
    return comparePlaces(this.lastPlace, this.givenPlace) <= 0;
  }

  /** Up to which place of the new order late elements were given; undefined if none can be late by it. */
  get seenPlace(): Place | undefined {
    if (this.highWater === undefined || this.keys.tracks.length === 1) return undefined;
    return this.wasLastGiven ? this.givenPlace : this.lastPlace;
  }

  /** The place of a row in its node's order. */
  placeOf(row: Row): Place {
    return { key: orderKeyOf(row), position: row.position };
  }

  /** The place up to which the node was done when the lane started. */
  get startPlace(): Place {
    return this.highWater === undefined ? { key: NOWHERE.key, position: this.start - 1 } : this.donePlace;
  }
}
