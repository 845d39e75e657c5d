/** The arrangement of elements in a file: one JSON array, or one element per line. */
export type FileFormat = 'array' | 'ndjson';

/** The format that a file name implies: `.ndjson` and `.jsonl` are lines, everything else is an array. */
export function formatByName(path: string): FileFormat {
  return /\.(ndjson|jsonl)(\.gz)?$/i.test(path) ? 'ndjson' : 'array';
}

export function packedByName(path: string): boolean {
  return /\.gz$/i.test(path);
}
