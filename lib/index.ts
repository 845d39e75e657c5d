export type { Class, MessageClass } from './base/class.js';
export type { Clock } from './base/clock.js';
export { type ErrorCode, errorCodes } from './base/codes.js';
export type { Json } from './base/json.js';
export type { Logger } from './base/logger.js';
export { type ErrorDetails, WaterMillError } from './base/watermill-error.js';
export type { Batch, HeaderValue, MessageHeaders, MessageOrigin } from './brokers/batch.js';
export { UnreadableMessage } from './brokers/batch.js';
export type {
  Broker,
  BrokerAbilities,
  BrokerLane,
  BrokerTimeouts,
  Connection,
  ConnectRequest,
  InputRequest,
  LagRequest,
  LaneName,
  LaneProgress,
  LaneWriter,
  OutputRequest,
  StreamEntry,
  StreamLag,
  StreamReader,
} from './brokers/broker.js';
export { CustomMessageBroker, type CustomOptions } from './brokers/custom/custom-message-broker.js';
export type { BatchSink, CustomSink, LineSink, SinkBatch, SinkEntries } from './brokers/custom/sink.js';
export type {
  AnyIterable,
  BatchRequest,
  BatchSource,
  CustomSource,
  RawSourceOptions,
  SourceBatch,
  SourceEntries,
  SourceFunction,
  SourceOptions,
  SourceRequest,
  SourceRetries,
} from './brokers/custom/source.js';
export { every, type Timer, type TimerOptions } from './brokers/custom/timer.js';
export { type DirectoryBrokerOptions, DirectoryMessageBroker } from './brokers/directory/directory-message-broker.js';
export type {
  DirectoryEntries,
  DirectoryOptions,
  FileInfo,
  FileOptions,
} from './brokers/directory/directory-options.js';
export {
  type CsvFormat,
  type CsvOptions,
  csv,
  type FormatFor,
  type LinesFormat,
  type LinesNeedAClassWithOneStringField,
  lines,
} from './brokers/formats/format.js';
export type { FileEntryOptions, JsonFileEntries } from './brokers/json-file/file-entry.js';
export { JsonFileMessageBroker } from './brokers/json-file/json-file-message-broker.js';
export type { JsonFileOptions } from './brokers/json-file/json-file-options.js';
export type { KeptChange, KeptTables, TableRequest, TakeChange, WholeTable } from './brokers/kept-tables.js';
export {
  type MemoryElement,
  type MemoryEntries,
  MemoryMessageBroker,
  type MemoryOptions,
} from './brokers/memory/memory-message-broker.js';
export type { FileUse, UsedFiles } from './brokers/used-files.js';
export type {
  DateExpression,
  Expression,
  ExpressionOf,
  KeyOf,
  NumberExpression,
  ObjectExpression,
} from './expressions/expression.js';
export { field } from './expressions/field.js';
export type { Key, Scalar } from './expressions/key.js';
export type { OrderVerdict } from './expressions/order-verdict.js';
export { tuple } from './expressions/tuple.js';
export type { Distance } from './joins/distance.js';
export { foldWindow } from './joins/fold-window.js';
export type { Fold, FoldedWindow } from './joins/folded-window.js';
export type { JoinKind } from './joins/join-kind.js';
export type { Equality, JoinOptions } from './joins/join-options.js';
export { joinStreams } from './joins/join-streams.js';
export { joinWith } from './joins/join-with.js';
export { Joined } from './joins/joined.js';
export type { ParametersDoNotFitTheJoinTree } from './joins/parameters-fit.js';
export type { JoinArgs, Source, SourceArgs } from './joins/source-args.js';
export type { Join, Tree } from './joins/tree.js';
export { type BoundsOf, WindowBounds } from './joins/window-bounds.js';
export { type BatchWindowOptions, batchWindow } from './joins/windows/batch-window.js';
export { type CalendarWindowOptions, calendarWindow } from './joins/windows/calendar-window.js';
export { type CountWindowOptions, countWindow } from './joins/windows/count-window.js';
export { type ExpressionWindowOptions, window } from './joins/windows/expression-window.js';
export {
  type HoppingWindowOptions,
  hoppingWindow,
  type TumblingWindowOptions,
  tumblingWindow,
} from './joins/windows/hopping-window.js';
export { type SessionWindowOptions, sessionWindow } from './joins/windows/session-window.js';
export { type SlidingWindowOptions, slidingWindow } from './joins/windows/sliding-window.js';
export type { Window, WindowBy, WindowDescription } from './joins/windows/window.js';
export { alias, type NamedNode } from './messages/alias.js';
export { BadMessage } from './messages/bad-message.js';
export type { Deserializer, Serializer, StreamCodec } from './messages/codec.js';
export type { FieldOptions, MessageOptions } from './messages/declarations.js';
export { EndOfStream } from './messages/end-of-stream.js';
export { Field } from './messages/field.js';
export type { EnumObject, TypeReference } from './messages/field-type.js';
export type { Default, FieldName, HasDefault, Init } from './messages/init.js';
export { message } from './messages/message.js';
export { Message } from './messages/message-decorator.js';
export type { StandardSchemaV1 } from './messages/standard-schema.js';
export { plainWriterOf, writerOf } from './messages/writing/writer.js';
export type { CommitEvery } from './mill/driver/run-options.js';
export type { MillOptions } from './mill/mill-settings.js';
export { DataKey } from './mill/plan/data-key.js';
export type { ExplainOptions } from './mill/plan/explain/explain.js';
export type { InputOptions, Lag, LagOptions, Order } from './mill/plan/input-options.js';
export { Origin } from './mill/plan/origin.js';
export type { Container } from './mill/plan/plan-options.js';
export { AtEnd } from './mill/process/at-end.js';
export { Inject } from './mill/process/inject.js';
export { Process } from './mill/process/process.js';
export { type ProcessFunction, type ProcessFunctionOptions, processFunction } from './mill/process/process-function.js';
export type { AtEndArgs, Injected, OnError, ProcessOptions, Token } from './mill/process/process-options.js';
export type { Results } from './mill/process/results.js';
export { Unmatched } from './mill/process/unmatched.js';
export type { EndReason } from './mill/report/end-reason.js';
export type { Health, HealthOptions, LaneHealth, Restoring } from './mill/report/health.js';
export type { HeldElements } from './mill/report/held-elements.js';
export type { KeyRange } from './mill/report/key-range.js';
export type { NodeProgress, Progress } from './mill/report/progress.js';
export type { EmittedReport, RunReport } from './mill/report/run-report.js';
export type { SilentEdge } from './mill/report/silent-edges.js';
export type { Waiting } from './mill/report/waiting.js';
export { runService } from './mill/service/run-service.js';
export type { ServiceMill } from './mill/service/service.js';
export type { ServiceOptions } from './mill/service/service-options.js';
export { WaterMill } from './mill/water-mill.js';
export type { CallPlace } from './mill/why/traced-lane.js';
export type { Why, WhyEdge, WhyElement, WhyNeighbour, WhyReason } from './mill/why/why.js';
export type { Which, WhyOptions } from './mill/why/why-not.js';
export { type TableClass, type TableOptions, table } from './tables/make-table.js';
export { Table } from './tables/table.js';
export type { TableRange } from './tables/table-range.js';
export type { TableChange, TableChangesOptions, TableView } from './tables/table-view.js';
export {
  type WorkerFunction,
  type WorkerModule,
  type WorkerProcessOptions,
  workerModule,
  workerProcess,
} from './workers/worker-process.js';
