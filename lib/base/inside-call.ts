/**
 * Whether this runs inside code of the user's that a run awaits: a call of the process function or of a batch that has gone on
 * after an await, what disposes of an instance, a source, a sink. Who awaits it stands in the stack of promises then. To look
 * there costs nothing while it is unused, as an AsyncLocalStorage would; where a minifier has renamed these functions, it is not
 * seen.
 */
export function isInsideAwaitedCall(by: readonly string[]): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 500;
  const { stack } = new Error('where');
  Error.stackTraceLimit = stackTraceLimit;
  return new RegExp(`\\bat (?:async )?(?:\\w+\\.)?(?:${by.join('|')})\\b`).test(String(stack));
}

/** The functions that await a call of the process function, or what disposes of its instance. */
export const processCalls = ['takePromise', 'takeAsync', 'disposeInstance'];

/** Those that await a source or a sink. */
export const sourceAndSinkCalls = ['openSource', 'fillWaiting', 'closeIterator', 'askForBatch', 'callSink', 'endSink'];

/** Those that await the function or the sources of a batch stream. */
export const batchCalls = ['callBatch', 'askForBatch'];
