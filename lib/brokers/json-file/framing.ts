/** The text around the elements in a file of results. */
export interface Framing {
  /** Before the first element, and before each one after it. */
  readonly first: string;
  readonly next: string;
  /** After every element. */
  readonly after: string;
  /** After the last one, once nothing more comes; all of the file where there is none. */
  readonly end: string;
  readonly none: string;
}

export const arrayFraming: Framing = { first: '[\n', next: ',\n', after: '', end: '\n]\n', none: '[]\n' };

export const lineFraming: Framing = rowFraming('');

/** An element a line; a header comes before the first, and also if there is none. */
export function rowFraming(header: string): Framing {
  return { first: header, next: '', after: '\n', end: '', none: header };
}

/** The text of an element in its place. */
export function framed({ first, next, after }: Framing, elementsBefore: number, element: string): string {
  return (elementsBefore === 0 ? first : next) + element + after;
}
