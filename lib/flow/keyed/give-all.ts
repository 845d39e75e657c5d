/** Passes on items one after the other. If one is async, the rest waits for it. */
export function giveAll<T>(
  items: readonly T[],
  give: (item: T) => void | Promise<void>,
  from = 0,
): void | Promise<void> {
  for (let i = from; i < items.length; i++) {
    const pending = give(items[i] as T);
    if (pending !== undefined) return pending.then(() => giveAll(items, give, i + 1));
  }
  return undefined;
}
