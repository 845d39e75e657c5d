/**
 * Whether this runs inside code of the user's that the run awaits: a call of the process function that has gone on after an
 * await, or what disposes of its instance. Who awaits it stands in the stack of promises then. To look there costs nothing
 * while it is unused, as an AsyncLocalStorage would; where a minifier has renamed these functions, it is not seen.
 */
export function isInsideAwaitedCall(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 500;
  const { stack } = new Error('where');
  Error.stackTraceLimit = stackTraceLimit;
  return /\bat (?:async )?(?:\w+\.)?(?:takePromise|takeAsync|disposeInstance)\b/.test(String(stack));
}
