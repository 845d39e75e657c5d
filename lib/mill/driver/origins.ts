import type { Batch } from '../../brokers/broker.js';
import { Origin } from '../plan/origin.js';
import type { PlanNode } from '../plan/plan.js';

/** Tells where master elements came from: keeps their batches while calls may be about them, where those know more. */
export class Origins {
  /** In their streams' order. */
  private batches: Batch[] = [];

  constructor(
    private readonly master: PlanNode,
    private readonly partition: string,
  ) {}

  /** The master takes a batch; no call is about positions below `from` any more. */
  add(batch: Batch, from: number): void {
    if (batch.origin === undefined || batch.values.length === 0) return;
    const isNeeded = (_: Batch, i: number): boolean => (this.batches[i + 1]?.first ?? Number.POSITIVE_INFINITY) > from;
    this.batches = this.batches.filter(isNeeded);
    this.batches.push(batch);
  }

  /** Of a call about the elements at these positions. */
  of(from: number, to: number): Origin {
    const batch = this.batches.findLast(({ first }) => first <= from);
    const index = batch === undefined ? -1 : indexIn(batch, from);
    return new Origin(this.master.input.label, this.partition, from, to, batch, index);
  }
}

function indexIn({ first, positions }: Batch, position: number): number {
  if (positions === undefined) return position - first;
  let [low, high] = [0, positions.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] as number) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
