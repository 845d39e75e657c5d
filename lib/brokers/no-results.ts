import type { LaneWriter } from './broker.js';

/** The writer of a mill that has no results: nothing is written, so nothing need be kept. */
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
