/** Why the text of a file cannot be read further. It becomes a WaterMillError where file, line and column are known. */
export class TextFault {
  constructor(
    /** The offset in the file's text of what does not fit. */
    readonly byte: number,
    /** The element that cannot be read. */
    readonly index: number,
    readonly expected: string,
    readonly found: string,
    /** What to do, if it is known. */
    readonly remedy = 'Correct the file there; the elements before it were read.',
  ) {}
}
