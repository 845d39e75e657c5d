import { TextFault } from './text-fault.js';
import type { TextWindow } from './text-window.js';

/** The other formats that a file may have, by its first bytes; -1 matches any byte but 0. */
const contents: readonly { readonly begin: readonly number[]; readonly name: string; readonly remedy: string }[] = [
  { begin: [0xff, 0xfe, 0, 0], name: 'UTF-32', remedy: toUtf8('UTF-32') },
  { begin: [0xff, 0xfe], name: 'UTF-16', remedy: toUtf8('UTF-16') },
  { begin: [0xfe, 0xff], name: 'UTF-16', remedy: toUtf8('UTF-16') },
  { begin: [-1, 0, -1, 0], name: 'UTF-16', remedy: toUtf8('UTF-16LE') },
  { begin: [0, -1, 0, -1], name: 'UTF-16', remedy: toUtf8('UTF-16BE') },
  { begin: [0x50, 0x4b, 3, 4], name: 'a zip archive', remedy: decompressed('unzip -p') },
  { begin: [0x28, 0xb5, 0x2f, 0xfd], name: 'data compressed by zstd', remedy: decompressed('zstd -dc') },
  { begin: [0x42, 0x5a, 0x68], name: 'data compressed by bzip2', remedy: decompressed('bzip2 -dc') },
  { begin: [0xfd, 0x37, 0x7a, 0x58], name: 'data compressed by xz', remedy: decompressed('xz -dc') },
];

function toUtf8(encoding: string): string {
  return `Convert it: iconv -f ${encoding} -t UTF-8 FILE.`;
}

function decompressed(command: string): string {
  return `Decompress it, ${command} FILE, or compress it with gzip.`;
}

/** Throws if the text in the window starts like another encoding or an archive. */
export function refuseForeignContent(window: TextWindow): void {
  const { bytes, start, length } = window;
  const fits = (expected: number, i: number): boolean =>
    expected < 0 ? bytes[start + i] !== 0 : bytes[start + i] === expected;
  const found = contents.find(({ begin }) => begin.length <= length && begin.every(fits));
  if (found === undefined) return;
  throw new TextFault(window.offsetOf(start), 0, 'text in UTF-8', found.name, found.remedy);
}
