import { identityOf } from '../../../../expressions/key-identity.js';
import { keyFromJson, keyToJson } from '../../../../expressions/key-json.js';
import type { PlaceJson, ValuesVector } from '../../../resume/lane-vector.js';
import { comparePlaces, compareToPlace, type Place } from '../../../resume/place.js';

const NOWHERE: Place = { key: Number.NEGATIVE_INFINITY, position: -1 };

/** A value, as the lane has it. */
interface OfValue {
  readonly value: any;
}

/** Where the oldest open window of a value begins. */
export interface ValueStart extends OfValue {
  readonly first: Place;
}

/** How many elements of a value came since its last window began; of those that have none open. */
export interface ValuePhase extends OfValue {
  readonly phase: number;
}

/**
 * What is done, if no closing key tells it: windows by count, and those that a clock closes. It is the last element
 * taken, and for each value with an open window the element with which that begins. After a restart, elements up to
 * the last one taken go only into their value's window, and only from its first element on.
 */
export class ValueMarks {
  private readonly upTo: Place;
  private readonly starts = new Map<unknown, ValueStart>();
  /** Of values between two windows, when the lane started. */
  readonly phases: readonly ValuePhase[];
  /** The last element taken. */
  private passedKey = NOWHERE.key;
  private passedPosition = NOWHERE.position;
  /** Where the window of the last call began, in case it is taken back. */
  private called: ValueStart | undefined = undefined;
  /** Elements come again that were taken before the restart. */
  isBehind: boolean;

  constructor(restored: ValuesVector | undefined) {
    this.upTo = restored === undefined ? NOWHERE : placeFromJson(restored.upTo);
    this.isBehind = restored !== undefined;
    for (const [json, place] of restored?.starts ?? []) {
      const value = keyFromJson(json);
      this.starts.set(identityOf(value), { value, first: placeFromJson(place) });
    }
    this.phases = (restored?.phases ?? []).map(([json, phase]) => ({ value: keyFromJson(json), phase }));
  }

  /** The lane is not yet where it was when it stopped: until then no clock closes a window. */
  get isCatchingUp(): boolean {
    return this.isBehind && compareToPlace(this.passedKey, this.passedPosition, this.upTo) < 0;
  }

  /** All windows of this element were called before the restart. Only while `isBehind`. */
  isDone(id: unknown, key: any, position: number): boolean {
    if (compareToPlace(key, position, this.upTo) > 0) {
      this.isBehind = false;
      return false;
    }
    const start = this.starts.get(id);
    return start === undefined || compareToPlace(key, position, start.first) < 0;
  }

  pass(key: any, position: number): void {
    this.passedKey = key;
    this.passedPosition = position;
  }

  private get passed(): Place {
    return { key: this.passedKey, position: this.passedPosition };
  }

  /** A window is called, the oldest of its value. */
  call(start: ValueStart): void {
    this.called = start;
  }

  /** What a commit holds; `isPending`: the last call was not made, or is taken back. */
  toJson(open: Iterable<ValueStart>, phases: Iterable<ValuePhase>, isPending: boolean): ValuesVector {
    const { called, passed, upTo } = this;
    const starts = new Map<unknown, ValueStart>();
    if (this.isBehind) {
      // Those that are still to come again.
      for (const [id, start] of this.starts) if (comparePlaces(start.first, passed) > 0) starts.set(id, start);
    }
    for (const start of open) starts.set(identityOf(start.value), start);
    // The window that was called began before those of its value that are open.
    if (isPending && called !== undefined) starts.set(identityOf(called.value), called);
    const between = [...phases].filter(({ value }) => !starts.has(identityOf(value)));
    return {
      upTo: placeToJson(comparePlaces(passed, upTo) > 0 ? passed : upTo),
      starts: [...starts.values()].map(({ value, first }) => [keyToJson(value), placeToJson(first)]),
      ...(between.length > 0 && { phases: between.map(({ value, phase }) => [keyToJson(value), phase]) }),
    };
  }
}

/** A position alone where nothing is put in order. */
function placeToJson({ key, position }: Place): PlaceJson | number {
  return key === Number.NEGATIVE_INFINITY ? position : [keyToJson(key), position];
}

function placeFromJson(json: PlaceJson | number): Place {
  if (typeof json === 'number') return { key: Number.NEGATIVE_INFINITY, position: json };
  return { key: keyFromJson(json[0]), position: json[1] };
}
