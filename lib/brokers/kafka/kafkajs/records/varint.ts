/**
 * The variable-length numbers of Kafka's records: zigzag, seven bits per byte. They are read one after another; the end
 * of the last one is kept here, so that no object is needed for each.
 */
let end = 0;

/** The offset after the number that was read last. */
export function afterVarint(): number {
  return end;
}

/** Reads the number at an offset. Exact up to 2 ** 53. */
export function signedVarint(bytes: Uint8Array, at: number): number {
  let byte = bytes[at] as number;
  if (byte < 0x80) {
    end = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }
  const isNegative = (byte & 1) !== 0;
  // Without the sign bit: twice the number would be exact only up to 2 ** 52.
  let value = (byte & 0x7f) >>> 1;
  let scale = 0x40;
  do {
    byte = bytes[++at] as number;
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
  } while (byte >= 0x80);
  end = at + 1;
  return isNegative ? -value - 1 : value;
}

/** Returns the offset after the number at an offset. */
export function skipVarint(bytes: Uint8Array, at: number): number {
  while ((bytes[at] as number) >= 0x80) at++;
  return at + 1;
}

/** The size of a number in bytes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value < 0 ? -value - 1 : value, most = 0x40; rest >= most; most = 0x80) {
    rest = Math.floor(rest / most);
    size++;
  }
  return size;
}

/** Writes a number; returns the offset after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  const magnitude = value < 0 ? -value - 1 : value;
  const low = (magnitude % 0x40) * 2 + (value < 0 ? 1 : 0);
  if (magnitude < 0x40) {
    bytes[at++] = low;
    return at;
  }
  bytes[at++] = low | 0x80;
  let rest = Math.floor(magnitude / 0x40);
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}
