/** What the exit code of a command says. Signals give 128 and their number, as everywhere. */
export const exitCodes = {
  /** It did what was asked. */
  done: 0,
  /** The result is negative: a mill failed, a file is not in order, results differ. */
  failed: 1,
  /** It could not begin: wrong arguments, a module that cannot be loaded, a file that is not there. */
  usage: 2,
} as const;
