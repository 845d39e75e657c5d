import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import type { TestNode } from '../oracle/tree.js';
import { isDeep } from '../support/cases.js';
import { laneSpec, type MakeMachine } from './harness.js';
import { makeOneByOne } from './one-by-one.js';

/** The element of a stream at a position, or undefined at its end. Only the lane keeps references. */
export type Stream = (position: number) => { t: number; u?: number; a?: number; v?: number } | undefined;

/** An element, distinguishable from all other objects that a lane refers to. */
class Counted {
  constructor(
    readonly node: number,
    keys: object,
  ) {
    Object.assign(this, keys);
  }
}

/** A lane over long streams that is fed only the needed elements, in batches. */
class LongRun {
  readonly names: string[];
  readonly lane: LaneMachine;
  private readonly at: number[];

  constructor(
    root: TestNode,
    private readonly streams: Record<string, Stream>,
    make: MakeMachine,
    private readonly batch = 1,
    private readonly onFeed: (element: Counted) => void = () => {},
  ) {
    const { spec, names } = laneSpec(root);
    this.names = names;
    this.lane = make(spec);
    this.at = names.map(() => 0);
  }

  get length(): number {
    return this.names.reduce((sum, name) => sum + lengthOf(this.streams[name] as Stream), 0);
  }

  /** Feeds a number of elements. Returns false if the lane is done. */
  go(elements: number): boolean {
    for (let fed = 0; fed < elements; ) {
      const answer = this.lane.next();
      if (answer.what === 'done') return false;
      if (answer.what === 'violation') throw new Error('a stream of the test is not in order');
      if (answer.what !== 'need') continue;
      this.feed(answer.nodes[0] as number);
      fed += this.batch;
    }
    return true;
  }

  private feed(node: number): void {
    const position = this.at[node] as number;
    const elements = this.elementsFrom(node, position);
    if (elements.length === 0) {
      this.lane.end(node);
      return;
    }
    this.lane.feed(node, elements, position);
    this.at[node] = position + elements.length;
  }

  private elementsFrom(node: number, position: number): Counted[] {
    const elements: Counted[] = [];
    while (elements.length < this.batch) {
      const keys = (this.streams[this.names[node] as string] as Stream)(position + elements.length);
      if (keys === undefined) break;
      const element = new Counted(node, keys);
      this.onFeed(element);
      elements.push(element);
    }
    return elements;
  }
}

/**
 * Returns the maximum number of elements of each node that a lane referred to, through its own objects, at many
 * moments.
 */
export function peaks(
  root: TestNode,
  streams: Record<string, Stream>,
  make: MakeMachine = makeOneByOne,
  batch = 1,
): Record<string, number> {
  const run = new LongRun(root, streams, make, batch);
  const peak = run.names.map(() => 0);
  const step = Math.ceil(run.length / 41);
  while (run.go(step)) {
    const counts = run.names.map(() => 0);
    for (const object of reachable(run.lane)) if (object instanceof Counted) (counts[object.node] as number)++;
    counts.forEach((count, node) => {
      peak[node] = Math.max(peak[node] as number, count);
    });
  }
  return Object.fromEntries(run.names.map((name, node) => [name, peak[node] as number]));
}

/** Returns the maximum number of slots in arrays and maps of a lane at many moments, whatever their contents. */
export function peakOfPlaces(root: TestNode, streams: Record<string, Stream>): number {
  const run = new LongRun(root, streams, makeOneByOne);
  let peak = 0;
  while (run.go(25)) {
    let places = 0;
    for (const object of reachable(run.lane)) {
      if (Array.isArray(object) || ArrayBuffer.isView(object)) places += (object as unknown[]).length;
      else if (object instanceof Map) places += object.size;
    }
    peak = Math.max(peak, places);
  }
  return peak;
}

/** Returns the objects reachable from an object, except through functions and elements. */
function reachable(from: object): Set<object> {
  const seen = new Set<object>([from]);
  const visit = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) seen.add(value);
  };
  for (const object of seen) {
    if (object instanceof Counted || ArrayBuffer.isView(object)) continue;
    if (object instanceof Map) for (const value of object.values()) visit(value);
    for (const value of Object.values(object)) visit(value);
  }
  return seen;
}

/**
 * The same by the garbage collector, which also follows functions. All lanes are counted together, since a collection
 * takes long.
 */
export class AliveRuns {
  private readonly runs: AliveRun[] = [];
  private counted: Promise<void> | undefined;

  /** Adds a lane. Returns a function that returns its maximum number of elements, for all nodes together. */
  add(root: TestNode, streams: Record<string, Stream>, batch = 1): () => Promise<number> {
    const run = new AliveRun(root, streams, batch);
    this.runs.push(run);
    return async () => {
      this.counted ??= this.count();
      await this.counted;
      return run.result();
    };
  }

  private async count(): Promise<void> {
    for (let open = this.runs; open.length > 0; ) {
      open = open.filter((run) => run.advance());
      // The target of a WeakRef lives to the end of the job.
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
      for (const run of open) run.count();
    }
  }
}

/** The number of moments at which elements are counted. */
const moments = isDeep() ? 40 : 12;

class AliveRun {
  private alive: WeakRef<object>[] = [];
  private peak = 0;
  private failure: { readonly error: unknown } | undefined;
  private readonly run: LongRun;
  private readonly step: number;

  constructor(root: TestNode, streams: Record<string, Stream>, batch: number) {
    this.run = new LongRun(root, streams, makeOneByOne, batch, (element) => this.alive.push(new WeakRef(element)));
    this.step = Math.ceil(this.run.length / moments);
  }

  /** Returns false if the lane is done, or has failed. */
  advance(): boolean {
    try {
      return this.run.go(this.step);
    } catch (error) {
      this.failure = { error };
      return false;
    }
  }

  count(): void {
    this.alive = this.alive.filter((one) => one.deref() !== undefined);
    this.peak = Math.max(this.peak, this.alive.length);
  }

  result(): number {
    if (this.failure !== undefined) throw this.failure.error;
    return this.peak;
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function lengthOf(stream: Stream): number {
  let length = 0;
  while (stream(length) !== undefined) length++;
  return length;
}
