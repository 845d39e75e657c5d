import type { StreamReader } from '../broker.js';

/** An input of a MemoryMessageBroker. It may be read repeatedly, from any index. */
export interface MemoryStream {
  openReader(from: number): StreamReader;
}

/** The number of values in a batch: more cost memory, fewer cost time. */
export const batchValues = 1024;
