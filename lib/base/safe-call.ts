/**
 * Calls something of the user's whose failure must have no effect: what it throws, or what a promise that it returns is
 * rejected with, goes to `failed`. A promise is not waited for.
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
