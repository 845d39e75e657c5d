import zlib from 'node:zlib';

/** The compression types of record batches. */
export type CompressionName = 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** The types that need a codec; gzip is always available. */
export const codecNames = ['snappy', 'lz4', 'zstd'] as const;
export type CodecName = (typeof codecNames)[number];

/** Compresses and decompresses the records of a batch. */
export interface CompressionCodec {
  decompress(data: Buffer): Uint8Array | Promise<Uint8Array>;
  /** Only needed for writing. */
  compress?(data: Buffer): Uint8Array | Promise<Uint8Array>;
}

/** A codec; or the export of a package for kafkajs, a function that returns a codec in the form of kafkajs. */
export type CodecOption = CompressionCodec | (() => unknown);

/** What to install if a codec is missing, and what to write then. */
export const codecHints: Readonly<Record<CodecName, string>> = {
  snappy: hint('snappy', 'kafkajs-snappy'),
  lz4: hint('lz4', 'lz4js'),
  zstd: `${hint('zstd', 'fzstd')} It is for reading; Node 22.15 and newer needs none.`,
};

function hint(name: CodecName, of: string): string {
  return `Run npm install ${of}, and pass what it exports to the broker: codecs: { ${name}: … }.`;
}

/** The codec of Node, if it has one. */
export function builtInZstd(): CompressionCodec | undefined {
  const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as {
    zstdCompressSync?: (data: Buffer) => Buffer;
    zstdDecompressSync?: (data: Buffer) => Buffer;
  };
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return undefined;
  return { compress: (data) => zstdCompressSync(data), decompress: (data) => zstdDecompressSync(data) };
}
