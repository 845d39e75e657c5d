/** What tells values apart: those that are equal as keys. A Date is its milliseconds here. */
export function idOf(value: unknown): unknown {
  return typeof value === 'object' ? JSON.stringify(value, withBigints) : value;
}

function withBigints(_: string, part: unknown): unknown {
  return typeof part === 'bigint' ? { bigint: String(part) } : part;
}
