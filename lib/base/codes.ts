/**
 * Every error code with what it means, by the stage that reports it. `docs/errors.md` is checked against this list,
 * and a test produces each of them.
 */
export const errorCodes = {
  // messages: declaring a message class
  WM_FIELD_PLACE: '@Field on something that cannot be a field, or too late.',
  WM_FIELD_UNDECLARED: 'Messages have a member that their class has without @Field.',
  WM_FIELD_TYPE: 'What @Field names is no type of a field.',
  WM_FIELD_TYPE_CONTRADICTED: 'The type that @Field names and the annotation of the property disagree.',
  WM_FIELD_TYPE_UNKNOWN: 'Neither @Field nor the annotation of the property says its type.',
  WM_FIELD_ONE_OF: 'The values of `oneOf` are none, or of another type than the field.',
  WM_FIELD_TIME:
    'The option `fraction` or `iso` of a field is not what it must be, or the field is of no type that it goes with.',
  WM_FIELD_NAME_TWICE: 'Two fields of a class have the same name in messages.',
  WM_MESSAGE_OPTIONS: 'An option of @Message is not what it must be.',
  WM_MESSAGE_CONSTRUCTOR: 'A message class cannot be made without arguments.',
  WM_NOT_A_MESSAGE_CLASS: 'Something is used as a message class that carries no @Message.',
  // messages: reading and writing
  WM_BAD_MESSAGE: 'A message cannot be read as its class says.',
  WM_BAD_RESULT:
    'An element cannot be written so that it reads back equal, is larger than its topic takes, or has no key for a compacted one.',
  WM_ASYNC_DESERIALIZER: 'A deserializer is asynchronous; messages are read synchronously.',
  WM_CLASS_TRANSFORMER_MISSING: 'A class is read by class-transformer, which is not installed.',
  // expressions
  WM_EXPRESSION_FIELD: 'An expression reads a field that its class does not have, or no class is given.',
  WM_EXPRESSION_OPERAND: 'An operator of an expression does not apply to its operands.',
  WM_EXPRESSION_TUPLE: 'A tuple without parts, or with parts that are no single values.',
  WM_KEY: 'A key is neither an expression nor a function.',
  // joins and windows: making a tree
  WM_KEY_CLASS: 'A key reads another class than the node it belongs to.',
  WM_KEY_DISTANCE:
    'An interval, a nearest match, a tolerance or a window size over keys between which no such distance exists.',
  WM_KEY_ORDER: 'A key that can decrease by its form, where keys must not decrease.',
  WM_KEY_TYPE: 'The two keys of an edge cannot be compared, or a field is of no type that a key can have.',
  WM_AS_OF_TOLERANCE: 'An as-of join with `on` needs a tolerance.',
  WM_JOIN_CHILD: 'The child of an edge is neither a message class nor a tree over one.',
  WM_JOIN_LEFT_BELOW: 'A left edge below a semi or anti edge, where it has no effect.',
  WM_JOIN_OPTIONS: 'The options of an edge do not fit together, or one of them is not what it must be.',
  WM_TREE: 'The arguments of joinStreams() are no master and edges.',
  WM_WINDOW: 'The options of a window are not what they must be.',
  // plan: making a mill
  WM_OTHER_VERSION: 'Something that a mill is given comes from another version of this package.',
  WM_MILL_OPTIONS: 'An option of the mill is missing, unknown, or not what it must be.',
  WM_PROCESS_MISSING: 'The process is no class with a @Process method, no instance of one and no processFunction.',
  WM_PROCESS_SEVERAL: 'A class has several methods marked with @Process.',
  WM_PROCESS_DECORATOR: 'A decorator of a process stands where it has no effect.',
  WM_PROCESS_FUNCTION:
    'The arguments or options of processFunction(), @Process() or @Unmatched() are not what they must be.',
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
  WM_DISPOSE_FAILED: 'The instance of the process threw when it was disposed.',
  WM_DATA_KEY: 'saveResults() was given a key that no call of this run has.',
  WM_SAVED_TWICE: 'saveResults() was called again for a call that is done.',
  WM_KEY_FAILED: 'A key expression threw for an element.',
  WM_RUN_TWICE: 'run() was called a second time on one mill.',
  WM_ORDER_VIOLATED: 'An element has a lower key than one before it.',
  WM_INVALID_KEY:
    'An element has a key that cannot be compared: missing, null, NaN, or of another type; or one to which the distance of a window, an interval, a tolerance or a slack cannot be added, or is lost beside it.',
  WM_PROCESS_FAILED: 'The process function threw, or its promise was rejected.',
  WM_TIMEOUT_KEY_FAILED: 'The onTimeout function of a window threw, or gave what cannot be compared with its keys.',
  WM_PLAN_CHANGED: 'The kept progress belongs to another plan.',
  WM_COMMIT_UNREADABLE: 'The kept progress is not what a commit of this version looks like.',
  WM_BROKER_FAILED: 'A broker failed in a way that it has no sentence of its own for.',
  WM_SERVICE_OPTIONS: 'An option of runService() is not what it must be.',
  WM_HEALTH_PORT: 'The health endpoint of a service cannot listen on its port.',
  // brokers
  WM_BROKER_OPTIONS: 'An entry or an option of a broker is not what it must be.',
  WM_FILE_MISSING: 'The file of an input does not exist.',
  WM_FILE_UNREADABLE:
    'The file of an input is a directory or a device, is not permitted, is damaged, or fails while it is read.',
  WM_FILE_BROKEN: 'The text of a file is no array of JSON objects, nor one object per line.',
  WM_FILE_CHANGED:
    'A file is not the one that the run to be resumed, or the group that has ended, has read; or it was changed while it was read.',
  WM_FILE_ONCE: 'A pipe would have to be read twice, or from another place than its beginning.',
  WM_ELEMENT_TOO_LARGE: 'An element of a file is longer than `maxElementBytes`.',
  WM_SAME_FILE: 'A file would be read and written, or written twice, in one run.',
  WM_OUTPUT_FAILED:
    'What an output names cannot be written, or not be replaced: a folder, a device, a mount point; or a file beside it cannot.',
  WM_OUTPUT_IN_USE: 'Another running mill writes the same result file.',
  WM_OUTPUT_CHANGED: 'A result file is not what the run to be resumed has left.',
  WM_GROUP_IN_USE: 'Another running mill has the same group on the same files.',
  WM_LOCK_LOST: 'A lock that this process had was deleted, or another process took over.',
  WM_INPUT_FAILED: 'The iterable of a stream in memory, or a custom source, threw.',
  WM_SOURCE_PROTOCOL: 'A custom source did not give what it promised.',
  WM_SINK_FAILED: 'A custom sink threw.',
  WM_PROGRESS_DAMAGED: 'What is kept in a progress folder cannot be read.',
  WM_PUSH: 'A push into a stream that takes none, or has ended.',
  WM_TOPIC_MISSING: 'The cluster has no such topic, or hides it.',
  WM_PARTITION_COUNTS: 'The topics of a mill have different numbers of partitions.',
  WM_POSITION_LOST: 'The cluster has deleted what was to be read next.',
  WM_GROUP_POSITIONS: 'A consumer group has positions that WaterMill has not written.',
  WM_COMMIT_TOO_LARGE: 'The progress of a lane is longer than what Kafka keeps beside an offset.',
  WM_GUARANTEE: 'Exactly once is asked for results that go elsewhere than the positions.',
  WM_LANE_TAKEN: 'Another process has taken a lane over.',
  WM_KAFKAJS_MISSING: 'The package kafkajs, which watermill/kafka needs, cannot be loaded.',
  WM_KAFKA_FAILED: 'Kafka, or the way to it, failed.',
  // the test kit
  WM_TEST_KIT:
    'A test mill was asked for results that its mill does not write, or to move time by what is no duration.',
} as const;

export type ErrorCode = keyof typeof errorCodes;
