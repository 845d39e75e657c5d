import { compareKeys } from '../../expressions/key.js';
import type { Keyed, RunReader } from './run-file.js';

interface Head {
  current: Keyed;
  /** The index of its run. */
  readonly place: number;
  readonly run: RunReader;
}

/** Merges sorted runs: of equal keys, those of earlier runs come first. A heap of their heads. */
export function* mergeRuns(runs: readonly RunReader[]): Iterable<Keyed> {
  const heap: Head[] = [];
  runs.forEach((run, place) => {
    const current = run.next();
    if (current !== undefined) heap.push({ current, place, run });
  });
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i);
  while (heap.length > 0) {
    const head = heap[0] as Head;
    yield head.current;
    const next = head.run.next();
    if (next !== undefined) head.current = next;
    else {
      const last = heap.pop() as Head;
      if (heap.length > 0) heap[0] = last;
    }
    sink(heap, 0);
  }
}

function sink(heap: Head[], from: number): void {
  const head = heap[from];
  if (head === undefined) return;
  let at = from;
  for (;;) {
    let least = 2 * at + 1;
    if (least >= heap.length) break;
    if (least + 1 < heap.length && isBefore(heap[least + 1] as Head, heap[least] as Head)) least++;
    if (!isBefore(heap[least] as Head, head)) break;
    heap[at] = heap[least] as Head;
    at = least;
  }
  heap[at] = head;
}

function isBefore(a: Head, b: Head): boolean {
  const order = compareKeys(a.current.key, b.current.key);
  return order < 0 || (order === 0 && a.place < b.place);
}
