/**
 * Every error code with what it means, by the stage that reports it. `docs/errors.md` is checked against this list,
 * and a test produces each of them.
 */
export const errorCodes = {
  // messages: declaring a message class
  // messages: reading and writing
  // expressions
  WM_EXPRESSION_FIELD: 'An expression reads a field that its class does not have, or no class is given.',
  WM_EXPRESSION_OPERAND: 'An operator of an expression does not apply to its operands.',
  WM_EXPRESSION_TUPLE: 'A tuple without parts, or with parts that are no single values.',
  WM_KEY: 'A key is neither an expression nor a function.',
  // joins and windows: making a tree
  WM_KEY_CLASS: 'A key reads another class than the node it belongs to.',
  WM_KEY_DISTANCE: 'An interval, a nearest match, a tolerance or a window size over keys between which no such distance exists.',
  WM_KEY_ORDER: 'A key that can decrease by its form, where keys must not decrease.',
  WM_KEY_TYPE: 'The two keys of an edge cannot be compared, or a field is of no type that a key can have.',
  WM_AS_OF_TOLERANCE: 'An as-of join with `on` needs a tolerance.',
  WM_JOIN_CHILD: 'The child of an edge is neither a message class nor a tree over one.',
  WM_JOIN_LEFT_BELOW: 'A left edge below a semi or anti edge, where it has no effect.',
  WM_JOIN_OPTIONS: 'The options of an edge do not fit together, or one of them is not what it must be.',
  WM_TREE: 'The arguments of joinStreams() are no master and edges.',
  WM_WINDOW: 'The options of a window are not what they must be.',
  // plan: making a mill
  WM_MILL_OPTIONS: 'An option of the mill is missing, unknown, or not what it must be.',
  WM_PROCESS_MISSING: 'The process is no class with a @Process method, no instance of one and no processFunction.',
  WM_PROCESS_SEVERAL: 'A class has several methods marked with @Process.',
  WM_PROCESS_DECORATOR: 'A decorator of a process stands where it has no effect.',
  WM_PROCESS_FUNCTION: 'The arguments or options of processFunction(), @Process() or @Unmatched() are not what they must be.',
  WM_METADATA: 'The build left no metadata of a method, or metadata that says nothing.',
  WM_SOURCE: 'Nothing says what a mill reads, or two places say it differently.',
  WM_NODE_TWICE: 'A message class, or its name, stands at two places of a tree, or a tree contains itself.',
  WM_STREAM_MISSING: 'A broker has no entry for a class that the mill reads or writes.',
  WM_STREAM_SHARED: 'A stream would be read and written, or written as two classes.',
  WM_MASTER_PARAMETER: 'The first parameter of a process is not the master element, or the array of them.',
  WM_JOINED_COUNT: 'The number of Joined parameters is not that of the edges that give groups.',
  WM_PARAMETER: 'Nothing can be given to a parameter of a process.',
  WM_EMITS: 'The classes of the results are not known, or are no message classes.',
  WM_UNMATCHED: 'An unmatched method for a child that cannot have one.',
  WM_INPUTS: 'The options of an input are not what they must be.',
  WM_DEAD_LETTER: 'A class for dead letters or late elements cannot hold them.',
  // running
  WM_CONTAINER: 'The default container could not be loaded.',
  WM_INJECTION: 'A container could not give the process, or one of its parameters.',
  WM_RESULT: 'A process returned something that is no result, or of a class that it does not declare.',
  WM_KEY_FAILED: 'A key expression threw for an element.',
  WM_RUN_TWICE: 'run() was called a second time on one mill.',
  WM_ORDER_VIOLATED: 'An element has a lower key than one before it.',
  WM_INVALID_KEY: 'An element has a key that cannot be compared: missing, null, NaN, or of another type.',
  WM_PROCESS_FAILED: 'The process function threw, or its promise was rejected.',
  WM_TIMEOUT_KEY_FAILED: 'The onTimeout function of a window threw.',
  WM_UNREADABLE_MESSAGE: 'A message of a stream could not be parsed.',
  WM_PLAN_CHANGED: 'The kept progress belongs to another plan.',
  WM_COMMIT_UNREADABLE: 'The kept progress is not what a commit of this version looks like.',
  WM_BROKER_FAILED: 'A broker failed in a way that it has no sentence of its own for.',
  // brokers
} as const;

export type ErrorCode = keyof typeof errorCodes;
