import { isDate } from '../../../base/date.js';
import { thrownSentence } from '../../../base/thrown.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { keyInErrors } from '../../../expressions/key-code.js';
import { keyFromJson } from '../../../expressions/key-json.js';
import { printKey } from '../../../expressions/key-text.js';
import { type KeyUnit, unitOf } from '../../../joins/matching/matching.js';
import type { NodeVector } from '../../resume/lane-vector.js';
import type { KeySource, NodeSpec } from '../lane-spec.js';
import { arithmeticOfMatching, arithmeticOfOrder, type KeyArithmetic } from './key-arithmetic.js';
import { KeyDomain } from './key-domain.js';
import { KeyTrack } from './key-track.js';
import type { OnKeys } from './on-keys.js';

/** The key of the master's window: ordered, or only compared for equality. */
export interface WindowKey {
  readonly source: KeySource;
  readonly ordered: boolean;
  /** The type of the distance that is added to the key, if any. */
  readonly unit: KeyUnit | undefined;
  /** Other computations done with the key. */
  readonly arithmetic: readonly KeyArithmetic[];
}

/** The key expressions of a node. Each ordered expression has one track. */
export class NodeKeys {
  readonly tracks: KeyTrack[] = [];
  /** The key on this side of the edge to the parent. */
  readonly right: KeyTrack | undefined;
  /** The keys on this side of the edges to the children. */
  readonly lefts: readonly KeyTrack[];
  /** The key of the window, if it is ordered. */
  readonly window: KeyTrack | undefined;
  /** The key of the window, if it is only compared for equality with the previous one. */
  readonly adjacent: KeyTrack | undefined;
  /** The value that splits the windows. */
  readonly windowBy: KeyTrack | undefined;
  /** The `on` values of the edge to the parent. */
  readonly upOn: OnKeys | undefined;
  /** The `on` values of the edges to the children. */
  readonly ons: readonly (OnKeys | undefined)[];
  readonly hasOn: boolean;
  /** The expressions that are only compared for equality: the window's key and value, and those of `on`. */
  readonly unordered: readonly KeyTrack[];
  /**
   * All expressions that a vector covers: the tracks with their highest key, and the unordered ones with a key that
   * tells the type.
   */
  readonly remembered: readonly KeyTrack[];
  /** Under slack, the key by which the node is reordered. */
  readonly by: KeyTrack | undefined;
  /** The node's name. */
  private readonly name: string;

  constructor(
    spec: NodeSpec,
    right: KeySource | undefined,
    domain: KeyDomain | undefined,
    window: WindowKey | undefined,
    windowBy: KeySource | undefined,
    /** For the edge to the parent, and for the edges to the children. */
    upOn: OnKeys | undefined,
    ons: readonly (OnKeys | undefined)[],
  ) {
    this.name = spec.name;
    this.upOn = upOn;
    this.ons = ons;
    if (right !== undefined) this.right = this.track(right, domain);
    this.lefts = spec.edges.map((edge) => {
      const left = this.track(edge.left);
      left.use(arithmeticOfMatching(edge.matching));
      return left;
    });
    if (window?.ordered) {
      this.window = this.track(window.source);
      this.window.domain.unit ??= window.unit;
      this.window.use(window.arithmetic);
    }
    if (window?.ordered === false) this.adjacent = new KeyTrack(window.source, new KeyDomain(), 'equal');
    if (windowBy !== undefined) this.windowBy = new KeyTrack(windowBy, new KeyDomain(), 'equal');
    if (spec.order.policy === 'slack') {
      this.by = this.track(spec.order.by);
      this.by.domain.unit ??= unitOf(spec.order.slack);
      this.by.use(arithmeticOfOrder(spec.order));
    }
    const sides = [this.upOn, ...this.ons].filter((on) => on !== undefined);
    this.hasOn = sides.length > 0;
    this.unordered = [
      ...[this.adjacent, this.windowBy].filter((track) => track !== undefined),
      ...sides.flatMap(({ tracks }) => tracks),
    ];
    this.remembered = [...this.tracks, ...this.unordered];
  }

  /** Restores the state from a vector. */
  restore(high: NodeVector['high']): void {
    this.remembered.forEach((track, i) => {
      const key = keyFromJson(high[i] ?? null);
      if (key === undefined || key === Number.NEGATIVE_INFINITY) return;
      track.domain.sample ??= key;
      track.high = isDate(key) ? key.getTime() : key;
    });
  }

  /** The key of the window that was read last. */
  get windowKey(): any {
    return this.windowTrack?.current;
  }

  get windowTrack(): KeyTrack | undefined {
    return this.window ?? this.adjacent;
  }

  /** Reads and accepts all keys of an element, or none of them. Returns the first invalid one. */
  take(element: object, position: number): KeyTrack | undefined {
    const { tracks, unordered } = this;
    if (tracks.length === 1 && unordered.length === 0) return this.takeOnly(tracks[0] as KeyTrack, element, position);
    for (let i = 0; i < tracks.length; i++) {
      const track = tracks[i] as KeyTrack;
      if (!this.read(track, element, position) || !track.inOrder()) return track;
    }
    for (let i = 0; i < unordered.length; i++) {
      const track = unordered[i] as KeyTrack;
      if (!this.read(track, element, position)) return track;
    }
    for (let i = 0; i < tracks.length; i++) (tracks[i] as KeyTrack).accept();
    for (let i = 0; i < unordered.length; i++) (unordered[i] as KeyTrack).settle();
    return undefined;
  }

  private takeOnly(track: KeyTrack, element: object, position: number): KeyTrack | undefined {
    try {
      return track.advance(element) ? undefined : track;
    } catch (cause) {
      throw this.failed(track, position, cause);
    }
  }

  /** Reads the key of an element; false if it is not valid. If the expression throws, the error says where. */
  read(track: KeyTrack, element: object, position: number): boolean {
    try {
      return track.read(element);
    } catch (cause) {
      throw this.failed(track, position, cause);
    }
  }

  /** Reads all keys of an element. Returns the first invalid one. */
  readAll(element: object, position: number): KeyTrack | undefined {
    const { remembered } = this;
    for (let i = 0; i < remembered.length; i++) {
      const track = remembered[i] as KeyTrack;
      if (!this.read(track, element, position)) return track;
    }
    return undefined;
  }

  /** Converts the result of an expression window's `onTimeout` to the lane's representation. */
  timeoutKey(key: unknown): unknown {
    const { adjacent, name } = this;
    if (adjacent === undefined || key === undefined) return key;
    const adopted = adjacent.adopt(key);
    if (adopted !== undefined) return adopted;
    const { sample } = adjacent.domain;
    const expected = sample === undefined ? 'a key' : `a key that can be compared with ${printKey(sample)}`;
    throw new WaterMillError(
      'WM_TIMEOUT_KEY_FAILED',
      `${name}: onTimeout of its window returned ${printKey(key)}, expected ${expected}, or undefined to leave the window open.`,
      { message: name, expected, found: printKey(key) },
    );
  }

  /** Fixes the types of all keys by those that were read last: later keys must be comparable with them. */
  settle(): void {
    const { remembered } = this;
    for (let i = 0; i < remembered.length; i++) (remembered[i] as KeyTrack).settle();
  }

  /** The error for an expression that threw. */
  failed({ source }: KeyTrack, position: number, cause: unknown): WaterMillError {
    const { name } = this;
    return new WaterMillError(
      'WM_KEY_FAILED',
      `${name} at position ${position}: the key ${keyInErrors(source)} could not be computed: ${thrownSentence(cause)} ` +
        'Make the expression accept every element of the stream, or leave out such elements beforehand.',
      { message: name, position, expression: String(source) },
      { cause },
    );
  }

  /**
   * Reads the window keys of the elements from `from` to before `to` into `keys`, and the values that split the windows
   * into `values`. Returns the index of the first element that must be read on its own. Only for nodes without other
   * keys.
   */
  readRun(elements: readonly object[], from: number, to: number, keys: any[], values: any[]): number {
    const { window, adjacent, windowBy } = this;
    const before = window?.high;
    let stop = to;
    if (window !== undefined) stop = window.advanceRun(elements, from, to, keys);
    else if (adjacent !== undefined) stop = adjacent.readRun(elements, from, to, keys);
    if (windowBy === undefined || stop === from) return stop;
    const end = windowBy.readRun(elements, from, stop, values);
    // The keys of elements that are left for later must not count yet.
    if (end < stop && window !== undefined) window.high = end === from ? before : keys[end - from - 1];
    return end;
  }

  /** The track of an expression: expressions that print alike share one, functions share one by identity. */
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
}
