/** Closes opened resources in reverse order. Each close is awaited, and a failed one does not prevent the others. */
export class Closers {
  private readonly opened: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.opened.push(close);
  }

  /** Closes everything once. Returns the errors. */
  closeAll(): Promise<unknown[]> {
    return failuresOf(this.opened.splice(0).reverse());
  }
}

/** Runs these steps in turn, even if some fail; then throws the first failure. */
export async function inTurn(...steps: readonly (() => unknown)[]): Promise<void> {
  const failures = await failuresOf(steps);
  if (failures.length > 0) throw failures[0];
}

/** Closes these at the same time. Waits for all, even if some fail; then returns their values or throws the first failure. */
export function closeAll<T>(opened: Iterable<{ close(): Promise<T> }>): Promise<T[]> {
  return allDone([...opened].map(async (each) => each.close()));
}

/** Waits for all of these, even if some fail; then returns their values or throws the first failure. */
export async function allDone<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

async function failuresOf(steps: readonly (() => unknown)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}
