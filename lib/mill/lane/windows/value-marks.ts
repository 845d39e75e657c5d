import { identityOf } from '../../../expressions/key-identity.js';
import { keyFromJson, keyToJson } from '../../../expressions/key-json.js';
import type { PlaceJson, ValuesVector } from '../../resume/lane-vector.js';
import { comparePlaces, compareToPlace, type Place } from '../../resume/place.js';

const NOWHERE: Place = { key: Number.NEGATIVE_INFINITY, position: -1 };

/** A value, in the form of the lane. */
interface OfValue {
  readonly value: any;
}

/** The start of the oldest open window of a value. */
export interface ValueStart extends OfValue {
  readonly first: Place;
}

/** The number of elements of a value since its last window began, for values without an open window. */
export interface ValuePhase extends OfValue {
  readonly phase: number;
}

/**
 * The progress of windows without an identifying closing key: windows by count, and those that a clock closes. It
 * consists of the last element taken and, for each value with an open window, the first element of that window. After a
 * restart, elements up to the last one taken are only added to the window of their value, from its first element on.
 */
export class ValueMarks {
  private readonly upTo: Place;
  private readonly starts = new Map<unknown, ValueStart>();
  /** The phases of values between two windows, when the lane started. */
  readonly phases: readonly ValuePhase[];
  /** The last element taken. */
  private passedKey = NOWHERE.key;
  private passedPosition = NOWHERE.position;
  /** The start of the window of the last call, in case it is undone. */
  private called: ValueStart | undefined = undefined;
  /** Elements that were taken before the restart come again. */
  isBehind: boolean;
  /** The number of them that are in no window any more. */
  skipped = 0;

  constructor(restored: ValuesVector | undefined) {
    this.upTo = restored === undefined ? NOWHERE : shortPlaceFromJson(restored.upTo);
    this.isBehind = restored !== undefined;
    for (const [json, place] of restored?.starts ?? []) {
      const value = keyFromJson(json);
      this.starts.set(identityOf(value), { value, first: shortPlaceFromJson(place) });
    }
    this.phases = (restored?.phases ?? []).map(([json, phase]) => ({ value: keyFromJson(json), phase }));
  }

  /** The lane has not yet caught up with its state before the restart. Until then no clock closes a window. */
  get isCatchingUp(): boolean {
    return this.isBehind && compareToPlace(this.passedKey, this.passedPosition, this.upTo) < 0;
  }

  /** Returns whether all windows of this element were called before the restart. Only valid while `isBehind`. */
  isDone(id: unknown, key: any, position: number): boolean {
    if (compareToPlace(key, position, this.upTo) > 0) {
      this.isBehind = false;
      return false;
    }
    const start = this.starts.get(id);
    const isDone = start === undefined || compareToPlace(key, position, start.first) < 0;
    if (isDone) this.skipped++;
    return isDone;
  }

  pass(key: any, position: number): void {
    this.passedKey = key;
    this.passedPosition = position;
  }

  private get passed(): Place {
    return { key: this.passedKey, position: this.passedPosition };
  }

  /** Records the call of the oldest window of a value. */
  call(start: ValueStart): void {
    this.called = start;
  }

  /** Returns the state for a commit. `isPending`: the last call was not made, or is undone. */
  toJson(open: Iterable<ValueStart>, phases: Iterable<ValuePhase>, isPending: boolean): ValuesVector {
    const { called, passed, upTo } = this;
    const starts = new Map<unknown, ValueStart>();
    if (this.isBehind) {
      // Starts that are still to come again.
      for (const [id, start] of this.starts) if (comparePlaces(start.first, passed) > 0) starts.set(id, start);
    }
    for (const start of open) starts.set(identityOf(start.value), start);
    // The called window began before the open windows of its value.
    if (isPending && called !== undefined) starts.set(identityOf(called.value), called);
    const between = [...phases].filter(({ value }) => !starts.has(identityOf(value)));
    return {
      upTo: shortPlaceToJson(comparePlaces(passed, upTo) > 0 ? passed : upTo),
      starts: [...starts.values()].map(({ value, first }) => [keyToJson(value), shortPlaceToJson(first)]),
      ...(between.length > 0 && { phases: between.map(({ value, phase }) => [keyToJson(value), phase]) }),
    };
  }
}

/** A place as JSON; its position alone if nothing is reordered, since there may be one for each value. */
function shortPlaceToJson({ key, position }: Place): PlaceJson | number {
  return key === Number.NEGATIVE_INFINITY ? position : [keyToJson(key), position];
}

function shortPlaceFromJson(json: PlaceJson | number): Place {
  if (typeof json === 'number') return { key: Number.NEGATIVE_INFINITY, position: json };
  return { key: keyFromJson(json[0]), position: json[1] };
}
