/** A failed check; the suite depends on no test framework. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure';
}

export function expectThat(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new ConformanceFailure(sentence);
}

/** Compares values by their JSON. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left === right) return;
  throw new ConformanceFailure(`${what}: expected ${shortened(right)}, found ${shortened(left)}`);
}

function shortened(text: string | undefined): string {
  return text === undefined ? 'undefined' : text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
