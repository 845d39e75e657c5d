import type { NumberRows } from '../../messages/index.js';
import type { RowSeparator } from './number-scanner.js';
import { NumberTemplate } from './number-template.js';

const mostTries = 4;
/** Each has its own code. */
const mostTemplates = 8;

/**
 * Reads pieces of text whose elements are flat objects of numbers, all written alike, as rows. Where one is not, it is for
 * `JSON.parse`; where that happens again and again, nothing more is tried.
 */
export class NumberReader {
  private template: NumberTemplate | undefined;
  private tries = mostTries;
  private templates = 0;

  constructor(private readonly separator: RowSeparator) {}

  read(bytes: Buffer, from: number, to: number): NumberRows | undefined {
    if (this.tries === 0 || from >= to) return undefined;
    const rows = this.template?.read(bytes, from, to) ?? this.readAnew(bytes, from, to);
    this.tries = rows === undefined ? this.tries - 1 : mostTries;
    return rows;
  }

  private readAnew(bytes: Buffer, from: number, to: number): NumberRows | undefined {
    const found = NumberTemplate.of(bytes, from, to, this.separator);
    // Where the first element is as before, another one is not.
    if (found === undefined || this.template?.equals(found) || this.templates === mostTemplates) return undefined;
    this.templates++;
    this.template = found;
    return found.read(bytes, from, to);
  }
}
