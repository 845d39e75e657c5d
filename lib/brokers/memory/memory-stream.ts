import type { StreamReader } from '../broker.js';

/** An input of a MemoryMessageBroker: it may be read several times, each time from any index. */
export interface MemoryStream {
  openReader(from: number): StreamReader;
}

/** Values of a batch: more of them cost memory, fewer cost time. */
export const batchValues = 1024;
