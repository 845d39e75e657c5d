import { sharedClass } from '../../base/loaded-copies.js';
import type { Batch, MessageHeaders, MessageOrigin } from '../../brokers/batch.js';

/**
 * A parameter of this type describes the origin of the call's master element; under a window, of the element with the
 * lowest position. It costs nothing if no process asks for it.
 *
 * Every broker provides the stream and the position. Timestamp, key and headers are available from brokers that have
 * them, such as Kafka's, and are looked up on first access; until then the batch of the message stays in memory.
 *
 * @example
 * processFunction(Order, { inject: [Origin] }, (order, origin) => db.insert(order, `${origin.stream}/${origin.position}`))
 */
@sharedClass('Origin')
export class Origin {
  private found: MessageOrigin | undefined;

  constructor(
    /** The stream, as named by the broker: a path, a topic. */
    readonly stream: string,
    /** The lane that read it: the number of a partition; `0` for files and memory. */
    readonly partition: string,
    /** In the broker's terms: an offset, the index of an element. */
    readonly position: number,
    /** Like `position`; under a window, the highest one in it. */
    readonly lastPosition: number,
    private readonly batch: Batch | undefined,
    private readonly index: number,
  ) {}

  /** Milliseconds since 1970; undefined if the broker has none. */
  get timestamp(): number | undefined {
    return this.details.timestamp;
  }

  /** The broker's id of the message, if that is not its position: the id of an entry of a Redis stream. */
  get id(): string | undefined {
    return this.details.id;
  }

  /** How often the message was delivered, this time included; undefined if the broker does not count that. */
  get deliveries(): number | undefined {
    return this.details.deliveries;
  }

  /** The message's key, unchanged, or the key of its Redis stream or list; undefined if there is none. */
  get key(): Uint8Array | string | undefined {
    return this.details.key;
  }

  /** By name; empty if the broker has none. */
  get headers(): MessageHeaders {
    return this.details.headers ?? {};
  }

  private get details(): MessageOrigin {
    this.found ??= kept(this.batch?.origin?.(this.index) ?? {});
    return this.found;
  }
}

/** The parts that are shown, with copies of their bytes: a key that is kept must not keep its batch in memory. */
function kept({ raw: _, ...origin }: MessageOrigin): MessageOrigin {
  const { key, headers } = origin;
  return {
    ...origin,
    ...(key !== undefined && { key: ownBytes(key) }),
    ...(headers !== undefined && { headers: ownHeaders(headers) }),
  };
}

function ownHeaders(headers: MessageHeaders): MessageHeaders {
  const names = Object.keys(headers);
  if (names.length === 0) return headers;
  const own = (value: MessageHeaders[string]): any => (Array.isArray(value) ? value.map(own) : ownBytes(value as any));
  return Object.fromEntries(names.map((name) => [name, own(headers[name] as MessageHeaders[string])]));
}

function ownBytes<T>(value: T): T | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
