/** What a loop of its own takes elements from: those of the current batch from `at` on and before `end`. */
export interface BatchSlice {
  elements: readonly object[];
  at: number;
  end: number;
  /** The highest key before `at`. */
  high: any;
}

export const nothing: readonly object[] = Object.freeze([]);

/** Nothing is lent. */
export function emptySlice(): BatchSlice {
  return { elements: nothing, at: 0, end: 0, high: Number.NEGATIVE_INFINITY };
}
