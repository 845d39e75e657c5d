import { shownValue } from '../../base/shown-value.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { comparable, compareKeys, type Key, keyType } from '../../expressions/key.js';
import type { DirectoryPlace } from './directory-errors.js';
import { type FileOrder, isOrderOfNames } from './file-rules.js';
import type { FoundFile } from './found-file.js';

type Timed = Pick<FoundFile, 'name' | 'createdNs' | 'modifiedNs'>;

const byName = (a: Timed, b: Timed): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const byTime =
  (timeOf: (file: Timed) => bigint) =>
  (a: Timed, b: Timed): number => {
    const [one, other] = [timeOf(a), timeOf(b)];
    return one < other ? -1 : one > other ? 1 : byName(a, b);
  };

/** Sorts the files found by one scan. Time stamps only order files within one scan. */
export function inOrder<T extends Timed>(place: DirectoryPlace, files: readonly T[], order: FileOrder): T[] {
  if (order === 'created') return [...files].sort(byTime(({ createdNs }) => createdNs));
  if (order === 'modified') return [...files].sort(byTime(({ modifiedNs }) => modifiedNs));
  if (order === 'name') return [...files].sort(byName);
  const keyed = files.map((file) => ({ file, key: keyOfName(place, file.name, order) }));
  keyed.sort((a, b) => compared(place, a.file.name, a.key, b.key) || byName(a.file, b.file));
  return keyed.map(({ file }) => file);
}

/** The highest name of the files so far, if names determine the order. */
export class HighestName {
  private highest: { readonly name: string; readonly key: Key } | undefined;
  /** Names determine the order. */
  readonly isByName: boolean;

  constructor(
    private readonly place: DirectoryPlace,
    private readonly order: FileOrder,
  ) {
    this.isByName = isOrderOfNames(order);
  }

  get name(): string | undefined {
    return this.highest?.name;
  }

  /** The key of the highest name, for errors. */
  get shown(): string {
    return shownValue(this.highest?.key);
  }

  keyOf(name: string): Key {
    const { place, order } = this;
    return typeof order === 'function' ? keyOfName(place, name, order) : name;
  }

  /** Compares a name with the highest so far. Negative if a file of this name is late; 0 if nothing is known. */
  compare(name: string): number {
    if (!this.isByName || this.highest === undefined) return 0;
    return compared(this.place, name, this.keyOf(name), this.highest.key);
  }

  add(name: string): void {
    if (this.isByName && this.compare(name) >= 0) this.highest = { name, key: this.keyOf(name) };
  }
}

function keyOfName(place: DirectoryPlace, name: string, order: (name: string) => Key): Key {
  let key: unknown;
  try {
    key = order(name);
  } catch (cause) {
    throw noKey(place, name, `an error: ${reasonOf(cause)}`, cause);
  }
  if (keyType(key) === undefined) throw noKey(place, name, shownValue(key));
  return key as Key;
}

function compared(place: DirectoryPlace, name: string, key: Key, other: Key): number {
  if (!comparable(key, other)) throw noKey(place, name, `${shownValue(key)} and ${shownValue(other)}`);
  return compareKeys(key, other);
}

function noKey({ message, directory }: DirectoryPlace, name: string, found: string, cause?: unknown): WaterMillError {
  return new WaterMillError(
    'WM_INVALID_KEY',
    `The option 'order' of ${message} returned no key for the file ${name} in ${directory}: expected a number, bigint, text, boolean, Date or tuple, of one type for all names, found ${found}. ` +
      'Let it return a key for every name that the pattern matches.',
    { message, stream: directory, file: name, expected: 'a key', found },
    { cause },
  );
}
