/**
 * How a run ended: its master ended; no further element of the master could match; the process function returned
 * `EndOfStream`; no elements arrived for the data timeout; `stop()` or the signal stopped it; an earlier run had
 * already ended it; the lane went to another process.
 */
export type EndReason =
  | 'master ended'
  | 'no further match'
  | 'process'
  | 'timeout'
  | 'stopped'
  | 'already ended'
  | 'revoked';

/** The streams have not ended: a later run, or another process, continues. */
export function isEndedFromOutside(ended: EndReason): boolean {
  return ended === 'stopped' || ended === 'revoked';
}
