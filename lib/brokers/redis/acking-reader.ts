import type { StreamReader } from '../broker.js';
import type { RedisCommand } from './client.js';

/** A reader of what is gone once it is acknowledged: each commit takes the acknowledgements along. */
export interface AckingReader extends StreamReader {
  /** Acknowledges what is below a position, and with `isOver` the end mark. Called again if the commit fails. */
  acknowledge(below: number, isOver: boolean): readonly RedisCommand[];
  /** The commit with these acknowledgements holds. */
  acknowledged(below: number): void;
}
