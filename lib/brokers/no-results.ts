import type { LaneWriter } from './broker.js';

/** The writer of a mill without results: it writes and keeps nothing. */
export const noResults: LaneWriter = {
  write() {},
  async flush() {
    return undefined;
  },
  async end() {},
  async publish() {},
  async close() {
    return undefined;
  },
};
