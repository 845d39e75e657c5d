/**
 * Every error code with its meaning, by the stage that reports it. `docs/errors.md` is checked against this list, and a
 * test produces each of them.
 */
export const errorCodes = {
  // messages: declaring a message class
  WM_FIELD_PLACE: '@Field on something that cannot be a field, or too late.',
  WM_FIELD_UNDECLARED: 'Messages have a member that their class has without @Field.',
  WM_FIELD_TYPE: '@Field names something that is not a type of a field.',
  WM_FIELD_TYPE_CONTRADICTED: 'The type that @Field names and the annotation of the property disagree.',
  WM_FIELD_TYPE_UNKNOWN: 'Neither @Field nor the annotation of the property shows its type.',
  WM_FIELD_OPTIONS: 'An option of @Field is unknown or invalid.',
  WM_FIELD_ONE_OF: '`oneOf` lists no values, or values of a type other than the field.',
  WM_FIELD_TIME: 'The option `fraction` or `iso` of a field is invalid, or does not apply to the type of the field.',
  WM_FIELD_NAME_TWICE: 'Two fields of a class have the same name in messages.',
  WM_MESSAGE_FIELDS: 'A message class has no @Field, but the value to read or write has members.',
  WM_MESSAGE_MEMBER:
    '`message()` is given a member whose name is nearly that of a field that is missing, or no object of fields.',
  WM_MESSAGE_OPTIONS: 'An option of @Message is invalid.',
  WM_MESSAGE_CONSTRUCTOR: 'A message class cannot be constructed without arguments.',
  WM_NOT_A_MESSAGE_CLASS: 'Something without @Message is used as a message class.',
  // messages: reading and writing
  WM_BAD_MESSAGE: 'A message does not match its class.',
  WM_BAD_RESULT:
    'An element cannot be written so that it reads back equal, is larger than its topic accepts, or has no key for a compacted one.',
  WM_ASYNC_DESERIALIZER: 'A deserializer is asynchronous; messages are read synchronously.',
  WM_CLASS_TRANSFORMER_MISSING: 'A class is read by class-transformer, which is not installed.',
  // expressions
  WM_EXPRESSION_FIELD: 'An expression reads a field that its class does not have, or no class is given.',
  WM_EXPRESSION_OPERAND: 'An operator of an expression does not apply to its operands.',
  WM_EXPRESSION_TUPLE: 'A tuple has no parts, or parts that are not single values.',
  WM_KEY: 'A key is neither an expression nor a function.',
  // joins and windows: making a tree
  WM_KEY_CLASS: 'A key reads a class other than that of its node.',
  WM_KEY_DISTANCE:
    'An interval, a nearest match, a tolerance or a window size over keys between which no such distance exists.',
  WM_KEY_ORDER: 'A key expression can decrease, where keys must not.',
  WM_KEY_TYPE: 'The two keys of an edge cannot be compared, or a field has a type that a key cannot have.',
  WM_AS_OF_TOLERANCE: 'An as-of join with `on` needs a tolerance.',
  WM_JOIN_CHILD: 'The child of an edge is neither a message class nor a tree over one.',
  WM_JOINED: 'A Joined was asked for the group of what is not an element.',
  WM_JOIN_LEFT_BELOW: 'A left edge below a semi or anti edge, where it has no effect.',
  WM_JOIN_OPTIONS: 'The options of an edge contradict each other, or one of them is invalid.',
  WM_TREE: 'The arguments of joinStreams() are not a master and edges.',
  WM_WINDOW: 'The options of a window are invalid.',
  // tables
  WM_TABLE: 'The arguments or options of table() are invalid, or the mill cannot use this table, or does not have it.',
  WM_TABLE_KEY: 'A key of a table is of another type than its other keys, or is none.',
  WM_TABLE_ELEMENT:
    'A value that is put into a table is not an element of its class, or has something that a restart would not restore.',
  WM_TABLE_RANGE: 'An option of range() or changes() of a table is invalid.',
  WM_TABLE_CALL: 'A table is changed while no call of its lane is in progress.',
  WM_TABLE_DAMAGED:
    'The kept rows of a table cannot be read, no longer match its class or key, or are not as many as the last commit counts.',
  WM_TABLE_STORE: 'The store of a table on disk cannot be opened, read or written, or its package is missing.',
  // plan: making a mill
  WM_OTHER_VERSION: 'Something given to a mill comes from another version of this package.',
  WM_MILL_OPTIONS: 'An option of the mill is missing, unknown or invalid.',
  WM_PROCESS_MISSING: 'The process is not a class with a @Process method, an instance of one, or a processFunction.',
  WM_PROCESS_SEVERAL: 'A class has several methods marked with @Process, or with @AtEnd.',
  WM_PROCESS_DECORATOR: 'A decorator of a process is in a place where it has no effect.',
  WM_FLOW: 'A step of a flow, or one of its options, is invalid; or the flow cannot run on several lanes as it is.',
  WM_FLOW_VALUE: 'A function of a step of a flow returned something that the step does not take.',
  WM_WORKER: 'A worker of workerProcess() cannot be started, has ended, or cannot be sent what it needs.',
  WM_PROCESS_FUNCTION: 'The arguments or options of processFunction(), @Process() or @Unmatched() are invalid.',
  WM_METADATA: 'The build emitted no metadata for a method, or metadata that shows no class.',
  WM_SOURCE: 'The source of a mill is missing, or two places disagree.',
  WM_NODE_TWICE: 'A message class, or its name, occurs twice in a tree, or a tree contains itself.',
  WM_STREAM_MISSING: 'A broker has no entry for a class that the mill reads or writes.',
  WM_STREAM_AMBIGUOUS: 'Several brokers of a mill have an entry for one class.',
  WM_STREAM_SHARED: 'A stream would be read and written, or written as two classes.',
  WM_MASTER_PARAMETER: 'The first parameter of a process is not the master element, or the array of them.',
  WM_JOINED_COUNT: 'The number of Joined parameters differs from the number of edges that have groups.',
  WM_PARAMETER: 'Nothing can be given to a parameter of a process.',
  WM_EMITS: 'The classes of the results are not known, or are not message classes.',
  WM_UNMATCHED: 'An unmatched method for a child that cannot have one.',
  WM_INPUTS: 'The options of an input are invalid.',
  WM_DEAD_LETTER: 'A class for dead letters or late elements cannot hold them.',
  // running
  WM_CONTAINER: 'The default container could not be loaded.',
  WM_INJECTION: 'A container could not provide the process, or one of its parameters.',
  WM_RESULT: 'A process returned something that is not a result, or is of a class that it does not declare.',
  WM_DISPOSE_FAILED: 'The instance of the process threw when it was disposed.',
  WM_DATA_KEY: 'saveResults() was given a key that no call of this run has.',
  WM_SAVED_TWICE: 'saveResults() was called again for a call that is done.',
  WM_FOLD_FAILED: 'A function of foldWindow threw, or returned no accumulator.',
  WM_KEY_FAILED: 'A key expression threw for an element.',
  WM_RUN_TWICE: 'run() was called a second time on one mill.',
  WM_ORDER_VIOLATED: 'An element has a lower key than one before it.',
  WM_INVALID_KEY:
    'An element has a key that cannot be compared: missing, null, NaN, or of another type; or one to which the distance of a window, an interval, a tolerance or a slack cannot be added, or is lost next to it.',
  WM_PROCESS_FAILED: 'The process function threw, or its promise was rejected.',
  WM_TIMEOUT_KEY_FAILED:
    'The onTimeout function of a window threw, or returned something that cannot be compared with its keys.',
  WM_PLAN_CHANGED: 'The stored progress belongs to another plan.',
  WM_COMMIT_UNREADABLE: 'The stored progress is not a commit that this version can read.',
  WM_BROKER_CANNOT_FOLLOW:
    'An input of a broker that does not lead cannot be read whole by each lane of the broker that does.',
  WM_BROKER_FAILED: 'A broker failed in a way that has no other code.',
  WM_COMMAND: 'The arguments of `npx watermill` are invalid, or name what is not there or cannot be loaded.',
  WM_WHY: 'why() was asked about something that does not exist, or that cannot be read again without a trace.',
  WM_SERVICE_OPTIONS: 'An option of runService() is invalid.',
  WM_METRICS: 'The argument is not a mill, or the registry, meter or tracer does not fit.',
  WM_HEALTH_PORT: 'The service, or its health endpoint, cannot listen on its port.',
  // brokers
  WM_BROKER_OPTIONS: 'An entry or an option of a broker is invalid.',
  WM_FILE_MISSING: 'The file of an input does not exist.',
  WM_FILE_UNREADABLE:
    'The file of an input is a directory or a device, is not permitted, is damaged, or fails while it is read.',
  WM_FILE_BROKEN: 'The text of a file is neither an array of JSON objects nor one object per line.',
  WM_FILE_CHANGED:
    'A file is not the one that the resumed run or the ended group has read, or it changed while it was being read.',
  WM_FILE_ONCE: 'A pipe would have to be read twice, or from somewhere other than its beginning.',
  WM_CSV_HEADER: 'The columns of a CSV file do not fit the class.',
  WM_PAPAPARSE_MISSING: 'The package papaparse, which CSV needs, cannot be loaded.',
  WM_ELEMENT_TOO_LARGE: 'An element of a file is longer than `maxElementBytes`.',
  WM_SAME_FILE: 'A file would be read and written, or written twice, in one run.',
  WM_OUTPUT_FAILED:
    'An output, or a file next to it, cannot be written or replaced: it is a folder, a device, a mount point.',
  WM_OUTPUT_IN_USE: 'Another running mill writes the same results.',
  WM_OUTPUT_CHANGED: 'Results are not as the resumed run left them, or go elsewhere than in the run that it resumes.',
  WM_GROUP_IN_USE: 'Another running mill has the same group, or the same progress.',
  WM_LOCK_LOST: 'A lock that this process had was deleted, or another process took over.',
  WM_DIRECTORY_UNREADABLE: 'The directory of an input is missing, is not a directory, or may not be read.',
  WM_FILE_GONE: 'A file of a directory is gone before it was read.',
  WM_FILE_LATE: 'A file of a directory sorts before one that arrived before it.',
  WM_INPUT_FAILED: 'The iterable of a stream in memory, or a custom source, threw.',
  WM_SOURCE_PROTOCOL: 'A custom source broke its protocol.',
  WM_SINK_FAILED: 'A custom sink threw.',
  WM_PROGRESS_DAMAGED: 'The contents of a progress folder cannot be read.',
  WM_PUSH: 'A push into a stream that does not accept any, or has ended.',
  WM_TOPIC_MISSING: 'The cluster has no such topic, or hides it.',
  WM_PARTITION_COUNTS: 'The topics of a mill have different numbers of partitions, or its streams of keys.',
  WM_POSITION_LOST:
    'The next records to read are gone: the cluster deleted them, the stream was trimmed, or the consumer group was destroyed.',
  WM_GROUP_POSITIONS: 'A consumer group has positions that WaterMill did not write.',
  WM_COMMIT_TOO_LARGE: 'The progress of a lane is longer than the metadata that Kafka keeps with an offset.',
  WM_GUARANTEE: 'Exactly once is requested, but the results and the positions go to different places.',
  WM_LANE_TAKEN: 'Another process has taken over a lane.',
  WM_KAFKAJS_MISSING:
    'The package kafkajs, which watermill/kafka needs, cannot be loaded, or its version is not supported.',
  WM_KAFKA_FAILED: 'Kafka, or the connection to it, failed.',
  WM_REDIS_MISSING: 'The package redis, which watermill/redis needs, cannot be loaded.',
  WM_REDIS_FAILED: 'Redis, or the connection to it, failed.',
  WM_REDIS_TYPE: 'A key of Redis holds a value of another type than its entry declares.',
  // the test kit
  WM_TEST_KIT: 'The test kit was given something invalid, or asked for something that does not exist.',
  WM_FIXTURE: 'The folder of a fixture is not there, lacks what the mill reads, or holds what it cannot hold.',
  WM_EXPLORE: 'Under some schedule a mill does something else than in an undisturbed run.',
} as const;

/** The stable code of a `WaterMillError`. */
export type ErrorCode = keyof typeof errorCodes;
