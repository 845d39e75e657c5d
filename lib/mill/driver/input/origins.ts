import { safely } from '../../../base/shown-value.js';
import { type Batch, countOf, type MessageOrigin } from '../../../brokers/batch.js';
import { asksFor } from '../../plan/find/call-values.js';
import { Origin } from '../../plan/origin.js';
import type { Plan, PlanNode } from '../../plan/plan.js';

/** Tells where a node's elements came from: keeps their batches while calls may be about them, where those know more. */
export class Origins {
  /** In their streams' order. */
  private batches: Batch[] = [];

  constructor(
    private readonly node: PlanNode,
    private readonly partition: string,
  ) {}

  /** The node takes a batch; no call is about positions below `from` any longer. */
  add(batch: Batch, from: number): void {
    if (batch.origin === undefined || countOf(batch) === 0) return;
    const isNeeded = (_: Batch, i: number): boolean => (this.batches[i + 1]?.first ?? Number.POSITIVE_INFINITY) > from;
    this.batches = this.batches.filter(isNeeded);
    this.batches.push(batch);
  }

  /** Of a call about the elements at these positions. */
  of(from: number, to: number): Origin {
    const batch = this.batches.findLast(({ first }) => first <= from);
    const index = batch === undefined ? -1 : indexIn(batch, from);
    return new Origin(this.node.input.label, this.partition, from, to, batch, index);
  }

  /** What the broker knows of every message from one position to another, both included, as far as it knows anything. */
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

/** One for each node about which a call, or the letter of a failed call, must say where it came from. */
export function originsOf({ nodes, process }: Plan, partition: string): (Origins | undefined)[] {
  const asks = asksFor(process, 'origin');
  const writesLetters = typeof process.onError === 'object';
  return nodes.map((node) => {
    const isCalled = node.index === 0 || process.unmatched.some((each) => each.node === node.index);
    return (asks && node.index === 0) || (writesLetters && isCalled) ? new Origins(node, partition) : undefined;
  });
}

/** The index of a position in a batch, or of the first one after it. */
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
