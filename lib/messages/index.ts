export { alias, type NamedNode } from './alias.js';
export { BadMessage } from './bad-message.js';
export type { Deserializer, Serializer, StreamCodec } from './codec.js';
export { copierOf, makeSnapshots } from './copy.js';
export type { FieldOptions, MessageOptions } from './declarations.js';
export { EndOfStream } from './end-of-stream.js';
export { Field } from './field.js';
export { FieldProblem } from './field-problem.js';
export type { EnumObject, FieldType, TypeReference } from './field-type.js';
export type { FieldName, Init } from './init.js';
export { message } from './message.js';
export { Message } from './message-decorator.js';
export { badMessageError, type MessagePlace } from './message-errors.js';
export { classesNamed } from './named-classes.js';
export { type NumberRows, objectsOf } from './number-rows.js';
export { type ReaderOptions, readerOf } from './reading/reader.js';
export { type RowReader, readsNumbers, rowReaderOf } from './reading/row-reader.js';
export {
  addClassesIn,
  checkedSchemaOf,
  expectMessageClass,
  type FieldSchema,
  isMessageClass,
  type MessageSchema,
  schemaOf,
} from './schema.js';
export type { StandardSchemaV1 } from './standard-schema.js';
export { type ByteWriter, byteWriterOf } from './writing/byte-writer.js';
export { checkedCopierOf } from './writing/checked-copy.js';
export { longestNumber, longestString, putNumber, putString } from './writing/put-scalars.js';
export { quickCheckOf } from './writing/quick-check.js';
export { type Texts, textWriterOf } from './writing/text-writer.js';
export { elementCheckOf, plainWriterOf, recordWriterOf, writerOf } from './writing/writer.js';
