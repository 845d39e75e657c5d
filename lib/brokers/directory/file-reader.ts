import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { thrownSentence } from '../../base/thrown.js';
import { isPromise } from '../../messages/codec.js';
import { type Batch, UnreadableMessage } from '../batch.js';
import type { InputRequest } from '../broker.js';
import { csvByName } from '../formats/format.js';
import { rowParserOf } from '../formats/make-row-parser.js';
import { defaultMaxElementBytes } from '../json-file/json-file-options.js';
import { JsonFileReader } from '../json-file/json-file-reader.js';
import type { ByteSource } from '../json-file/source/byte-source.js';
import { isGzip } from '../json-file/source/gzip-format.js';
import { GzipSource } from '../json-file/source/gzip-source.js';
import { PlainSource } from '../json-file/source/plain-source.js';
import { formatByName } from '../parsing/file-format.js';
import { FormatParser } from '../parsing/format-parser.js';
import { pieceBytes, type TextWindow } from '../parsing/text-window.js';
import { decodeUtf8 } from '../parsing/utf8.js';
import type { DirectoryEntry } from './directory-entry.js';
import type { FileInfo, MakeElement } from './directory-options.js';
import type { FileStamp } from './journal-text.js';
import { changeSince, type LoadedFile } from './load-file.js';

/** Reads the values of one file, batch by batch; the last batch has `end`. */
export interface FileReader {
  read(): Batch | Promise<Batch>;
  close(): Promise<void>;
}

type Readable = Extract<LoadedFile, { readonly kind: 'whole' | 'large' }>;

interface OpenedFile {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly input: InputRequest;
}

const csvRemedy =
  'For rows of CSV, give the source a `pattern` that ends in .csv or .tsv, or format: csv(); then all of its files are read so.';

/** Reads the elements of a file. All files share the window, one after another. */
export async function readElements(loaded: Readable, file: OpenedFile, window: TextWindow): Promise<FileReader> {
  const { path, stamp, input } = file;
  const { message } = input;
  const { codec, format: rowFormat } = input.entry as DirectoryEntry;
  const options = { raw: codec?.raw === true, maxElementBytes: defaultMaxElementBytes };
  const source = await sourceOf(loaded, stamp);
  window.restart();
  const format = formatByName(path);
  const parser =
    rowFormat === undefined
      ? new FormatParser(options, format, csvByName(path) && csvRemedy)
      : rowParserOf(rowFormat, { path, message, codec }, options)();
  return new JsonFileReader({ path, message: message.name, format, options }, source, window, parser, 0, false);
}

/** Reads a file that is one element. */
export function readAsElement(bytes: Buffer, make: MakeElement, info: FileInfo): FileReader {
  const read = async (): Promise<Batch> => {
    const value = await elementOf(bytes, make, info);
    return { values: [value], first: 0, mark: null, end: true, origin: () => ({ raw: bytes }) };
  };
  return { read, close: async () => {} };
}

async function elementOf(bytes: Buffer, make: MakeElement, info: FileInfo): Promise<unknown> {
  let text: string | undefined;
  try {
    text = await textOf(bytes);
  } catch (error) {
    return new UnreadableMessage(bytes, `It is gzip data that cannot be decompressed: ${thrownSentence(error)}`);
  }
  try {
    if (text === undefined) return new UnreadableMessage(bytes, 'Expected a text in UTF-8, found other bytes.');
    const element = make(text, info);
    if (!isPromise(element)) return element;
    return new UnreadableMessage(bytes, 'The option `file` returned a promise: it must return the element itself.');
  } catch (error) {
    return new UnreadableMessage(bytes, `The option \`file\` threw: ${thrownSentence(error)}`);
  }
}

/** The text of a file, decompressed if necessary; undefined if it is not UTF-8. */
export async function textOf(bytes: Buffer): Promise<string | undefined> {
  const plain = isGzip(bytes) ? await promisify(gunzip)(bytes) : bytes;
  return decodeUtf8(plain, 0, plain.length);
}

async function sourceOf(loaded: Readable, stamp: FileStamp): Promise<ByteSource> {
  if (loaded.kind === 'whole') {
    const source = new BytesSource(loaded.bytes);
    return isGzip(loaded.bytes) ? new GzipSource(source) : source;
  }
  const { handle } = loaded;
  const { buffer } = await handle.read(new Uint8Array(2), 0, 2, 0);
  const plain = new PlainSource(handle, { size: stamp.size, change: async () => changeSince(handle.fd, stamp) }, 0);
  return isGzip(buffer) ? new GzipSource(plain) : plain;
}

/** The bytes of a file that was read completely. */
class BytesSource implements ByteSource {
  readonly origin = 0;
  readonly packed = false;
  private given = 0;

  constructor(private readonly bytes: Buffer) {}

  next(): Uint8Array | undefined {
    const from = this.given;
    if (from === this.bytes.length) return undefined;
    this.given = Math.min(from + pieceBytes, this.bytes.length);
    return this.bytes.subarray(from, this.given);
  }

  fraction(): undefined {}

  async change(): Promise<undefined> {}

  async close(): Promise<void> {}
}
