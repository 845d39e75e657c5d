/** The partition that a producer writes to, and as whom. */
export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
  readonly producer: bigint;
  readonly epoch: number;
}

interface Numbered {
  readonly producer: bigint;
  readonly epoch: number;
  /** Which request it was, as kafkajs counts them. */
  request: number;
  /** The number of its first record. */
  first: number;
  records: number;
}

/**
 * The numbers by which a broker knows records of an idempotent producer that it has already. kafkajs counts requests, of which
 * it takes back those that failed: so a request with the number of the last one stands in its place.
 */
export class BatchNumbers {
  private readonly last = new Map<string, Numbered>();

  /** Of the first one of so many records. */
  next({ topic, partition, producer, epoch }: BatchPlace, request: number, records: number): number {
    const place = `${topic}/${partition}`;
    const last = this.last.get(place);
    if (last === undefined || last.producer !== producer || last.epoch !== epoch) {
      this.last.set(place, { producer, epoch, request, first: 0, records });
      return 0;
    }
    if (request !== last.request) {
      // They begin again at 0 behind the largest number of 32 bits with a sign.
      last.first = (last.first + last.records) % 2 ** 31;
      last.request = request;
    }
    last.records = records;
    return last.first;
  }
}
