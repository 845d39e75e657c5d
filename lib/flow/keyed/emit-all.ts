/** Passes on items one after the other. If one is async, the rest waits for it. */
export function emitAll<T>(
  items: readonly T[],
  emit: (item: T) => void | Promise<void>,
  from = 0,
): void | Promise<void> {
  for (let i = from; i < items.length; i++) {
    const pending = emit(items[i] as T);
    if (pending !== undefined) return pending.then(() => emitAll(items, emit, i + 1));
  }
  return undefined;
}
