/**
 * Whether this runs inside code of the user's that a run awaits: a call of the process function or of a batch that has gone on
 * after an await, what disposes of an instance, a source, a sink. Who awaits it is in the stack of promises then. To look
 * there costs nothing while it is unused, as an AsyncLocalStorage would; where a minifier has renamed these functions, it is not
 * seen.
 */
export function isInsideAwaitedCall(by: readonly string[]): boolean {
  return namesOfStack().some((name) => name !== null && by.includes(name));
}

/** Of the functions themselves: what maps a stack to the sources, as test runners do, shows names of their text instead. */
function namesOfStack(): (string | null)[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = 500;
  Error.prepareStackTrace = (_, frames) => frames.map((frame) => frame.getFunctionName());
  try {
    const names: unknown = new Error('where').stack;
    return Array.isArray(names) ? names : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace!;
  }
}

/** The functions that await a call of the process function, or what disposes of its instance. */
export const processCalls = ['takePromise', 'takeAsync', 'disposeInstance'];

/** Those that await a source or a sink. */
export const sourceAndSinkCalls = ['openSource', 'fillWaiting', 'closeIterator', 'askForBatch', 'callSink', 'endSink'];

/** Those that await the function or the sources of a batch stream. */
export const batchCalls = ['callBatch', 'askForBatch'];
