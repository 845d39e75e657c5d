import type { StreamReader } from '../../broker.js';
import type { RedisCommand } from '../client/redis-client.js';

/** A reader whose elements are gone once they are acknowledged: each commit includes the acknowledgements. */
export interface AckingReader extends StreamReader {
  /**
   * The commands that acknowledge elements below a position and, with `isOver`, the end mark. Called again if the
   * commit fails.
   */
  acknowledge(below: number, isOver: boolean): readonly RedisCommand[];
  /** Called when the commit with these acknowledgements is valid. */
  acknowledged(below: number): void;
}
