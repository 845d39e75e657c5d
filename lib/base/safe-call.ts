/**
 * Calls user code whose failure must have no effect: a thrown error, or the rejection of a returned promise, is passed
 * to `failed`. The promise is not awaited.
 */
export function safeCall(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const returned = call();
    if (typeof (returned as { then?: unknown } | null | undefined)?.then !== 'function') return;
    Promise.resolve(returned).catch(failed);
  } catch (error) {
    failed(error);
  }
}
