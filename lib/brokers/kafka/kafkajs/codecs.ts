import { reasonOf } from '../../../base/thrown.js';
import {
  builtInZstd,
  type CodecName,
  type CodecOption,
  type CompressionCodec,
  type CompressionName,
  codecHints,
  codecNames,
} from '../options/compression.js';
import { kafkajs } from './package.js';

export type Codecs = Readonly<Partial<Record<CodecName, CodecOption>>>;

/** A codec in the form of kafkajs. */
interface KafkajsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Uint8Array>;
  decompress(data: Buffer): Promise<Uint8Array>;
}

/** kafkajs has one table of codecs for the whole process. */
const registry = kafkajs.CompressionCodecs as unknown as Record<number, () => KafkajsCodec>;
const types = kafkajs.CompressionTypes;
const compressionNames = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const typeOf: Readonly<Record<CompressionName, number>> = {
  gzip: types.GZIP,
  snappy: types.Snappy,
  lz4: types.LZ4,
  zstd: types.ZSTD,
};
/** The entries of the table for missing codecs. */
const standIns = new Set<() => KafkajsCodec>();
/** Those that make new bytes each time: that of kafkajs for gzip, and that of Node for zstd. */
const makesNewBytes = new Set<(() => KafkajsCodec) | undefined>([registry[types.GZIP]]);

/** The number of a compression type in kafkajs and in the protocol. */
export function compressionType(name: CompressionName | undefined): number {
  return name === undefined ? types.None : typeOf[name];
}

/** Returns whether output can be compressed with this type. */
export function canCompress(name: CompressionName, codecs: Codecs): boolean {
  if (name === 'gzip') return true;
  const given = codecs[name];
  if (typeof given === 'function') return true;
  if (given !== undefined) return typeof given.compress === 'function';
  return isRegistered(name) || (name === 'zstd' && builtInZstd() !== undefined);
}

/**
 * Enters codecs into the table: the given ones, or those of Node; otherwise one that throws an error about the missing
 * codec.
 */
export function useCodecs(codecs: Codecs): void {
  for (const name of codecNames) {
    const given = codecs[name];
    if (given !== undefined) enter(name, given);
    else if (isRegistered(name)) continue;
    else {
      const builtIn = name === 'zstd' ? builtInZstd() : undefined;
      const make = enter(name, builtIn ?? missing(name));
      if (builtIn !== undefined) makesNewBytes.add(make);
    }
  }
}

function enter(name: CodecName, given: CodecOption): () => KafkajsCodec {
  const codec = typeof given === 'function' ? (given() as KafkajsCodec) : adapted(given);
  const make = (): KafkajsCodec => codec;
  if (given instanceof MissingCodec) standIns.add(make);
  registry[typeOf[name]] = make;
  return make;
}

/** Compresses the records of a batch, by the number of the compression type. */
export async function compressed(type: number, records: Buffer): Promise<Buffer> {
  const make = registry[type] as () => KafkajsCodec;
  return ownBytes(make, await make().compress({ buffer: records }));
}

/** Decompresses the records of a batch. Returns the reason as a sentence if that fails. */
export async function decompressed(type: number, records: Buffer): Promise<Buffer | string> {
  const name = compressionNames.find((each) => typeOf[each] === type) ?? `method ${type}`;
  try {
    const make = registry[type] as () => KafkajsCodec;
    return ownBytes(make, await make().decompress(records));
  } catch (error) {
    if (error instanceof MissingCodec) return error.message;
    return `they are compressed with ${name}, and its codec failed: ${reasonOf(error)}`;
  }
}

function adapted(codec: CompressionCodec): KafkajsCodec {
  return {
    compress: async ({ buffer }) => buffered(await (codec.compress as (data: Buffer) => Uint8Array)(buffer)),
    decompress: async (data) => buffered(await codec.decompress(data)),
  };
}

/** Makes bytes that stay unchanged: a codec of the program may reuse its output buffer, and records are read later. */
function ownBytes(make: () => KafkajsCodec, data: Uint8Array): Buffer {
  return makesNewBytes.has(make) ? buffered(data) : Buffer.from(data);
}

function buffered(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** An error, and the codec that throws it. */
class MissingCodec extends Error implements CompressionCodec {
  decompress(): never {
    throw this;
  }
}

function missing(name: CodecName): CompressionCodec {
  return new MissingCodec(`they are compressed with ${name}, for which there is no codec. ${codecHints[name]}`);
}

/** Returns whether a codec was entered, by us or by the program, into the table of kafkajs. */
function isRegistered(name: CodecName): boolean {
  const make = registry[typeOf[name]];
  if (make === undefined || standIns.has(make)) return false;
  try {
    make();
    return true;
  } catch {
    // The original entry of kafkajs throws.
    return false;
  }
}
