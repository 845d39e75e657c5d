import zlib from 'node:zlib';

/** How a batch of records may be compressed. */
export type CompressionName = 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Those that need a codec; gzip is always there. */
export const codecNames = ['snappy', 'lz4', 'zstd'] as const;
export type CodecName = (typeof codecNames)[number];

/** Compresses and decompresses the records of a batch. */
export interface CompressionCodec {
  decompress(data: Buffer): Uint8Array | Promise<Uint8Array>;
  /** Needed for writing only. */
  compress?(data: Buffer): Uint8Array | Promise<Uint8Array>;
}

/** A codec; or what packages that are made for kafkajs export, a function that returns one in the form of kafkajs. */
export type CodecOption = CompressionCodec | (() => unknown);

/** What to install where a codec is missing, and what to write then. */
export const codecHints: Readonly<Record<CodecName, string>> = {
  snappy: hint('snappy', 'kafkajs-snappy'),
  lz4: hint('lz4', 'lz4js'),
  zstd: `${hint('zstd', 'fzstd')} It is for reading; Node 22.15 and newer needs none.`,
};

function hint(name: CodecName, of: string): string {
  return `Run npm install ${of}, and give what it exports to the broker: codecs: { ${name}: … }.`;
}

/** That of Node, where it has one. */
export function builtInZstd(): CompressionCodec | undefined {
  const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as {
    zstdCompressSync?: (data: Buffer) => Buffer;
    zstdDecompressSync?: (data: Buffer) => Buffer;
  };
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return undefined;
  return { compress: (data) => zstdCompressSync(data), decompress: (data) => zstdDecompressSync(data) };
}
