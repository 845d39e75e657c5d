import { safely } from '../../../base/shown-value.js';
import { type Batch, countOf, type MessageOrigin } from '../../../brokers/batch.js';
import { asksFor } from '../../plan/find/call-values.js';
import { Origin } from '../../plan/origin.js';
import type { Plan, PlanNode } from '../../plan/plan.js';

/** Elements made from the values of a batch from `index` on: those from `start` to before `end`. */
export interface MadeRun {
  readonly batch: Batch;
  readonly index: number;
  readonly elements: readonly object[];
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the origin of a node's elements: keeps their batches as long as calls may need them, if the batches have
 * origins.
 */
export class Origins {
  /** In the order of the stream. */
  private batches: Batch[] = [];
  /** The elements made from them. */
  private runs: MadeRun[] = [];

  constructor(
    private readonly node: PlanNode,
    private readonly partition: string,
    /** Dead letters of calls need the origins of their elements. */
    private readonly findsElements: boolean,
  ) {}

  /** Adds a batch. No later call has elements below position `from`. */
  add(batch: Batch, from: number): void {
    if (batch.origin === undefined || countOf(batch) === 0) return;
    const first = this.batches.findIndex((_, i) => (this.batches[i + 1]?.first ?? Number.POSITIVE_INFINITY) > from);
    if (first > 0) this.drop(first);
    this.batches.push(batch);
  }

  /** The origin of a call with the elements at these positions. */
  of(from: number, to: number): Origin {
    const batch = this.batches.findLast(({ first }) => first <= from);
    const index = batch === undefined ? -1 : indexIn(batch, from);
    return new Origin(this.node.input.label, this.partition, from, to, batch, index);
  }

  /** Adds elements made from a batch. */
  made(run: MadeRun): void {
    if (this.findsElements && this.batches.at(-1) === run.batch) this.runs.push(run);
  }

  /**
   * The known origins of the elements of a call between two positions, both included, in the order of the elements. There
   * may be others between them, so they are found by identity.
   */
  ofEach(elements: readonly object[], from: number, to: number): MessageOrigin[] {
    const wanted = new Set(elements);
    const found = new Map<object, MessageOrigin>();
    for (const { batch, index, elements: made, start, end } of this.runs) {
      const last = index + end - start;
      for (let at = Math.max(index, indexIn(batch, from)); at < last; at++) {
        if ((batch.positions?.[at] ?? batch.first + at) > to) break;
        const element = made[start + at - index] as object;
        const origin = wanted.has(element) ? safely(() => batch.origin?.(at)) : undefined;
        if (origin !== undefined) found.set(element, origin);
      }
    }
    return elements.map((element) => found.get(element)).filter((origin) => origin !== undefined);
  }

  /** Drops the first batches, and what was made from them: costs what is dropped, since a window may hold many. */
  private drop(count: number): void {
    const dropped = new Set(this.batches.splice(0, count));
    const firstRun = this.runs.findIndex(({ batch }) => !dropped.has(batch));
    this.runs.splice(0, firstRun < 0 ? this.runs.length : firstRun);
  }
}

/** By node: `Origins` if a call, or the dead letter of a failed call, needs the origins of its elements. */
export function originsOf({ nodes, process }: Plan, partition: string): (Origins | undefined)[] {
  const asks = asksFor(process, 'origin');
  const writesLetters = typeof process.onError === 'object';
  return nodes.map((node) => {
    const isCalled = node.index === 0 || process.unmatched.some((each) => each.node === node.index);
    return (asks && node.index === 0) || (writesLetters && isCalled)
      ? new Origins(node, partition, writesLetters)
      : undefined;
  });
}

/** The index of a position in a batch, or of the first position after it. */
function indexIn({ first, positions }: Batch, position: number): number {
  if (positions === undefined) return Math.max(0, position - first);
  let [low, high] = [0, positions.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] as number) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
