import type { NumberRows } from '../../messages/index.js';
import type { RowSeparator } from './number-scanner.js';
import { NumberTemplate } from './number-template.js';

const mostTries = 4;
/** Each template generates its own code. */
const mostTemplates = 8;

/**
 * Reads pieces of text as rows if their elements are flat objects of numbers, all written alike. Other pieces are left
 * to `JSON.parse`; if that happens repeatedly, it stops trying.
 */
export class NumberReader {
  private template: NumberTemplate | undefined;
  private tries = mostTries;
  private templates = 0;

  constructor(private readonly separator: RowSeparator) {}

  read(bytes: Buffer, from: number, to: number): NumberRows | undefined {
    if (this.tries === 0 || from >= to) return undefined;
    const rows = this.template?.read(bytes, from, to) ?? this.readWithNewTemplate(bytes, from, to);
    this.tries = rows === undefined ? this.tries - 1 : mostTries;
    return rows;
  }

  private readWithNewTemplate(bytes: Buffer, from: number, to: number): NumberRows | undefined {
    const found = NumberTemplate.of(bytes, from, to, this.separator);
    // If the first element fits the template, another one does not.
    if (found === undefined || this.template?.equals(found) || this.templates === mostTemplates) return undefined;
    this.templates++;
    this.template = found;
    return found.read(bytes, from, to);
  }
}
