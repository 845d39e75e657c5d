/**
 * The reason why the text of a file cannot be read any further. It becomes a WaterMillError where file, line and column
 * are known.
 */
export class TextFault {
  constructor(
    /** The offset of the fault in the text of the file. */
    readonly byte: number,
    /** The index of the element that cannot be read. */
    readonly index: number,
    readonly expected: string,
    readonly found: string,
    /** What to do, if known. */
    readonly remedy = 'Correct the file there; the elements before it were read.',
  ) {}
}
