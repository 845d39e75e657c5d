import { safely } from '../../../base/shown-value.js';
import { type Batch, countOf, type MessageOrigin } from '../../../brokers/batch.js';
import { asksFor } from '../../plan/find/call-values.js';
import { Origin } from '../../plan/origin.js';
import type { Plan, PlanNode } from '../../plan/plan.js';

/**
 * Finds the origin of a node's elements: keeps their batches as long as calls may need them, if the batches have
 * origins.
 */
export class Origins {
  /** In the order of the stream. */
  private batches: Batch[] = [];

  constructor(
    private readonly node: PlanNode,
    private readonly partition: string,
  ) {}

  /** Adds a batch. No later call has elements below position `from`. */
  add(batch: Batch, from: number): void {
    if (batch.origin === undefined || countOf(batch) === 0) return;
    const isNeeded = (_: Batch, i: number): boolean => (this.batches[i + 1]?.first ?? Number.POSITIVE_INFINITY) > from;
    this.batches = this.batches.filter(isNeeded);
    this.batches.push(batch);
  }

  /** The origin of a call with the elements at these positions. */
  of(from: number, to: number): Origin {
    const batch = this.batches.findLast(({ first }) => first <= from);
    const index = batch === undefined ? -1 : indexIn(batch, from);
    return new Origin(this.node.input.label, this.partition, from, to, batch, index);
  }

  /** The known origins of the messages between two positions, both included. */
  between(from: number, to: number): MessageOrigin[] {
    const found: MessageOrigin[] = [];
    for (const batch of this.batches) {
      for (let i = indexIn(batch, from); i < countOf(batch); i++) {
        const position = batch.positions?.[i] ?? batch.first + i;
        if (position > to) return found;
        const origin = position < from ? undefined : safely(() => batch.origin?.(i));
        if (origin !== undefined) found.push(origin);
      }
    }
    return found;
  }
}

/** By node: `Origins` if a call, or the dead letter of a failed call, needs the origins of its elements. */
export function originsOf({ nodes, process }: Plan, partition: string): (Origins | undefined)[] {
  const asks = asksFor(process, 'origin');
  const writesLetters = typeof process.onError === 'object';
  return nodes.map((node) => {
    const isCalled = node.index === 0 || process.unmatched.some((each) => each.node === node.index);
    return (asks && node.index === 0) || (writesLetters && isCalled) ? new Origins(node, partition) : undefined;
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
