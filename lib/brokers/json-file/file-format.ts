/** How elements are arranged in a file: in one JSON array, or one per line. */
export type FileFormat = 'array' | 'ndjson';

/** The format that a name promises: `.ndjson` and `.jsonl` are lines, everything else is an array. */
export function formatByName(path: string): FileFormat {
  return /\.(ndjson|jsonl)(\.gz)?$/i.test(path) ? 'ndjson' : 'array';
}

export function packedByName(path: string): boolean {
  return /\.gz$/i.test(path);
}
