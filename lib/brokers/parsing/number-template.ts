import type { NumberRows } from '../../messages/index.js';
import { endOfNumber, makeScanner, type RowSeparator, type ScanNumbers } from './number-scanner.js';
import { isSpace } from './strict-json.js';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const lineFeed = 0x0a;

/** Elements with more members are not flat objects of a few numbers. */
const mostMembers = 64;
const longestLead = 256;

/**
 * Reads elements that are flat objects of numbers and all written alike: with the same members in the same order, and
 * the same white space. The text around the numbers is taken from one of them.
 *
 * The result is that of `JSON.parse`, or undefined: then the text does not fit, and `JSON.parse` decides.
 */
export class NumberTemplate {
  private scan: ScanNumbers | undefined;
  /** Scratch space for numbers until their count is known. A batch that is queued holds only its own. */
  private cells = new Float64Array(0);

  private constructor(
    private readonly names: readonly string[],
    /** The text before each number of an element, and after the last one. */
    private readonly fixed: readonly (readonly number[])[],
    private readonly separator: RowSeparator,
  ) {}

  /**
   * Makes the template of the element after the white space at an offset; undefined if it does not consist of numbers.
   */
  static of(bytes: Buffer, from: number, to: number, separator: RowSeparator): NumberTemplate | undefined {
    const names: string[] = [];
    const fixed: number[][] = [[]];
    let at = afterSpace(bytes, from, to);
    if (bytes[at] !== openBrace) return undefined;
    while (at < to) {
      // From the brace or the comma to the number.
      const lead = at;
      at = afterSpace(bytes, at + 1, to);
      if (bytes[at] !== quote) return undefined;
      const nameEnd = endOfName(bytes, at + 1, to);
      names.push(bytes.toString('latin1', at + 1, nameEnd));
      at = afterSpace(bytes, nameEnd + 1, to);
      if (bytes[nameEnd] !== quote || bytes[at] !== colon) return undefined;
      at = afterSpace(bytes, at + 1, to);
      const numberEnd = endOfNumber(bytes, at, to);
      if (numberEnd < 0 || at - lead > longestLead || names.length > mostMembers) return undefined;
      fixed.at(-1)!.push(...bytes.subarray(lead, at));
      at = afterSpace(bytes, numberEnd, to);
      if (at - numberEnd > longestLead) return undefined;
      fixed.push([...bytes.subarray(numberEnd, at)]);
      if (bytes[at] === comma) continue;
      if (bytes[at] !== closeBrace) return undefined;
      fixed.at(-1)!.push(closeBrace);
      const isOneLine = separator === 'comma' || !fixed.flat().includes(lineFeed);
      return isOneLine && areOrdinary(names) ? new NumberTemplate(names, fixed, separator) : undefined;
    }
    return undefined;
  }

  /** Returns whether both are equal. */
  equals({ fixed }: NumberTemplate): boolean {
    return String(fixed) === String(this.fixed);
  }

  /** Reads all elements between two offsets; undefined if they do not fit. */
  read(bytes: Buffer, from: number, to: number): NumberRows | undefined {
    const { names, fixed, separator } = this;
    this.scan ??= makeScanner(fixed, separator);
    if (this.scan === undefined) return undefined;
    // An element has at least a digit per number and a separator, which limits the count.
    const leastBytes = fixed.flat().length + names.length + 1;
    const most = (Math.floor((to - from) / leastBytes) + 1) * names.length;
    if (this.cells.length < most) this.cells = new Float64Array(most);
    const filled = this.scan(bytes, from, to, this.cells);
    return filled < 0 ? undefined : { names, cells: this.cells.slice(0, filled), count: filled / names.length };
  }
}

function afterSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(bytes[at]!)) at++;
  return at;
}

/** The end of a name in plain ASCII without escapes. */
function endOfName(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== quote && bytes[at]! > 0x20 && bytes[at]! < 0x7f && bytes[at] !== 0x5c) at++;
  return at;
}

/** No member occurs twice, or is inherited by every object. */
function areOrdinary(names: readonly string[]): boolean {
  return new Set(names).size === names.length && !names.some((name) => name in Object.prototype);
}
