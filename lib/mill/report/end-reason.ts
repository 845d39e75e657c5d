/**
 * How a run ended: its master ended; no element of the master could match any longer; the process function gave
 * `EndOfStream`; nothing came for the data timeout; `stop()` or the signal asked for it; an earlier run had already ended
 * it; the lane went to another process.
 */
export type EndReason =
  | 'master ended'
  | 'no further match'
  | 'process'
  | 'timeout'
  | 'stopped'
  | 'already ended'
  | 'revoked';
