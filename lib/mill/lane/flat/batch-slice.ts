/** The part of the current batch for a merge loop: elements from index `at` to before `end`. */
export interface BatchSlice {
  elements: readonly object[];
  at: number;
  end: number;
  /** The highest key before `at`. */
  high: any;
}

export const nothing: readonly object[] = Object.freeze([]);

export function emptySlice(): BatchSlice {
  return { elements: nothing, at: 0, end: 0, high: Number.NEGATIVE_INFINITY };
}
