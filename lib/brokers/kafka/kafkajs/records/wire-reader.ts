/** Reads the fields of Kafka's protocol one after another: big-endian numbers, and the compact forms. */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  skip(count: number): void {
    this.at += count;
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  /** A 64-bit integer that fits into a number, such as an offset. */
  int64(): number {
    this.at += 8;
    return Number(this.bytes.readBigInt64BE(this.at - 8));
  }

  bigint(): bigint {
    this.at += 8;
    return this.bytes.readBigInt64BE(this.at - 8);
  }

  /** A text, preceded by its length. */
  text(): string {
    return this.take(this.int16()).toString();
  }

  take(count: number): Buffer {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** A text, preceded by its length plus one; zero stands for null. */
  compactText(): string | undefined {
    const length = this.unsigned() - 1;
    return length < 0 ? undefined : this.take(length).toString();
  }

  compactList<T>(item: () => T): T[] {
    const length = this.unsigned() - 1;
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(item());
    return items;
  }

  /** Skips the tagged fields of later versions; none of them is needed. */
  skipTagged(): void {
    for (let left = this.unsigned(); left > 0; left--) {
      this.unsigned();
      this.skip(this.unsigned());
    }
  }

  private unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes.readUInt8(this.at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}
