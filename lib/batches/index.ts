export type { Json } from '../base/json.js';
export type { BatchRequest, BatchSource, SourceBatch, SourceRequest } from '../brokers/custom/source.js';
export { type Batches, type BatchInfo, type BatchSources, BatchStream } from './batch-stream.js';
export type { BatchStreamOptions } from './batch-stream-options.js';
export type { BatchStreamState, BatchStreamStatus } from './batch-stream-status.js';
export { type DirectoryFile, type DirectorySourceOptions, directorySource } from './directory-source.js';
export { type ResetOptions, resetStream } from './reset-stream.js';
