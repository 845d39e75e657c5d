/** A partition, and the identity of the producer that writes to it. */
export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
  readonly producer: bigint;
  readonly epoch: number;
}

interface Numbered {
  readonly producer: bigint;
  readonly epoch: number;
  /** The number of the request, as counted by kafkajs. */
  request: number;
  /** The sequence number of its first record. */
  first: number;
  records: number;
}

/**
 * The sequence numbers by which a broker recognizes duplicate records of an idempotent producer. kafkajs counts
 * requests, because it sees one message in each, and reuses the number of a failed request: a request with the same
 * number as the last one replaces it.
 */
export class BatchNumbers {
  private readonly last = new Map<string, Numbered>();

  /** Returns the sequence number of the first record of a request. */
  next({ topic, partition, producer, epoch }: BatchPlace, request: number, records: number): number {
    const place = `${topic}/${partition}`;
    const last = this.last.get(place);
    if (last === undefined || last.producer !== producer || last.epoch !== epoch) {
      this.last.set(place, { producer, epoch, request, first: 0, records });
      return 0;
    }
    if (request !== last.request) {
      // Sequence numbers wrap around after the largest 32-bit signed integer.
      last.first = (last.first + last.records) % 2 ** 31;
      last.request = request;
    }
    last.records = records;
    return last.first;
  }
}
