/** The building blocks of requests in Kafka's protocol. Compact forms store their length plus one. */

/** No tagged fields. */
export const noTags = Buffer.of(0);

export function compactText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([unsigned(bytes.length + 1), bytes]);
}

export function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.of(...bytes, rest);
}
