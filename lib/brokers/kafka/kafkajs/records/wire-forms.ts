/** What requests of Kafka's protocol are made of: the compact forms, whose lengths are one more than they say. */

/** No fields of later versions. */
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
