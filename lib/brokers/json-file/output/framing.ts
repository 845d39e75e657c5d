/** The text around the elements of a result file. */
export interface Framing {
  /** Before the first element, and before each later one. */
  readonly first: string;
  readonly next: string;
  /** After every element. */
  readonly after: string;
  /** After the last element, when the stream has ended; `none` is the whole file if there are no elements. */
  readonly end: string;
  readonly none: string;
}

export const arrayFraming: Framing = { first: '[\n', next: ',\n', after: '', end: '\n]\n', none: '[]\n' };

export const lineFraming: Framing = rowFraming('');

/** One element per line; a header comes first, even if there are no elements. */
export function rowFraming(header: string): Framing {
  return { first: header, next: '', after: '\n', end: '', none: header };
}

/** The text of an element with its framing. */
export function framed({ first, next, after }: Framing, elementsBefore: number, element: string): string {
  return (elementsBefore === 0 ? first : next) + element + after;
}
