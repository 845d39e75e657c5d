import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const SPACE = 0x20;

/** A digest of a sequence of numbers, which depends on their values and order. */
export class Digest {
  private readonly double = new Float64Array(1);
  private readonly words = new Uint32Array(this.double.buffer);
  private hash = 0x811c9dc5;
  private count = 0;

  add(value: number): void {
    this.double[0] = value;
    this.hash = Math.imul(this.hash ^ (this.words[0] as number), 0x01000193);
    this.hash = Math.imul((this.hash ^ (this.words[1] as number)) + (this.hash >>> 15), 0x85ebca6b);
    this.count++;
  }

  toString(): string {
    return `${this.count} values, ${(this.hash >>> 0).toString(16)}`;
  }
}

/** Returns the digest of the numbers of a list of objects. */
export function digestOf<T>(elements: Iterable<T>, numbers: (element: T) => readonly number[]): string {
  const digest = new Digest();
  for (const element of elements) for (const value of numbers(element)) digest.add(value);
  return String(digest);
}

/** The digest of a JSON text without white space inside strings: formatting does not count. */
export class JsonDigest {
  private readonly hash = createHash('sha1');

  add(bytes: Buffer): void {
    let start = 0;
    for (let i = 0; i < bytes.length; i++) {
      if ((bytes[i] as number) > SPACE) continue;
      if (i > start) this.hash.update(bytes.subarray(start, i));
      start = i + 1;
    }
    if (start < bytes.length) this.hash.update(bytes.subarray(start));
  }

  toString(): string {
    return this.hash.digest('hex');
  }
}

/** Returns the digest of a JSON file, read in chunks. */
export async function digestOfFile(path: string): Promise<string> {
  const digest = new JsonDigest();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digest.add(chunk);
  return String(digest);
}
