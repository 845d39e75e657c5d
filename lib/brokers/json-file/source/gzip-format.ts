import zlib from 'node:zlib';

/** The reason why a file cannot be decompressed, with the code that zlib uses for it. */
export class GzipFault extends Error {
  constructor(
    message: string,
    readonly code: 'Z_DATA_ERROR' | 'Z_BUF_ERROR',
  ) {
    super(message);
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const hasChecksum = 2;
const hasExtra = 4;
const hasName = 8;
const hasComment = 16;

/** The length of a member's header; undefined if it is incomplete. Throws if it is invalid. */
export function headerLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 10) return undefined;
  const flags = bytes[3]!;
  if (bytes[2] !== 8 || flags > 31) throw new GzipFault('unknown compression method or flags', 'Z_DATA_ERROR');
  let at = 10;
  if (flags & hasExtra) at += 2 + (bytes[10] ?? 0) + 256 * (bytes[11] ?? 0);
  for (const flag of [hasName, hasComment]) {
    if (!(flags & flag)) continue;
    const end = at < bytes.length ? bytes.indexOf(0, at) : -1;
    if (end < 0) return undefined;
    at = end + 1;
  }
  if (flags & hasChecksum) at += 2;
  return at <= bytes.length ? at : undefined;
}

export const trailerLength = 8;

/** Checks a member against its trailer. */
export function checkTrailer(trailer: Uint8Array, checksum: number, length: number): void {
  const view = new DataView(trailer.buffer, trailer.byteOffset);
  if (view.getUint32(0, true) !== checksum) throw new GzipFault('incorrect data check', 'Z_DATA_ERROR');
  if (view.getUint32(4, true) !== length % 2 ** 32) throw new GzipFault('incorrect length check', 'Z_DATA_ERROR');
}

type Crc32 = (bytes: Uint8Array, before: number) => number;

/** Continues a checksum with more bytes. Node has it since 20.15. */
export const crc32: Crc32 = (zlib as unknown as { readonly crc32?: Crc32 }).crc32 ?? crc32ByTable;

let crcTable: Uint32Array | undefined;

export function crc32ByTable(bytes: Uint8Array, before: number): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}
