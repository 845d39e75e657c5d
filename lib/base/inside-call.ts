/**
 * Returns whether the current code runs inside user code that a run awaits: a call of the process function or of a
 * batch that has continued after an await, the disposal of an instance, a source, a sink. The async stack shows the
 * functions that await it. This costs nothing while it is unused, unlike an AsyncLocalStorage; if a minifier has
 * renamed these functions, it returns false.
 */
export function isInsideAwaitedCall(by: readonly string[]): boolean {
  return namesOfStack().some((name) => name !== null && by.includes(name));
}

/** The names of the functions themselves: test runners that map stacks to the sources show other names. */
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

/** The functions that await a call of the process function, or the disposal of its instance. */
export const processCalls = ['takePromise', 'takeAsync', 'disposeInstance'];

/** The functions that await a source or a sink. */
export const sourceAndSinkCalls = ['openSource', 'fillWaiting', 'closeIterator', 'askForBatch', 'callSink', 'endSink'];

/** The functions that await the function or the sources of a batch stream. */
export const batchCalls = ['callBatch', 'askForBatch'];
