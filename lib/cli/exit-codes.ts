/** The exit codes of commands. A signal gives 128 plus its number, as usual. */
export const exitCodes = {
  /** The command has done its work. */
  done: 0,
  /** The result is negative: a mill failed, a file is not in order, results differ. */
  failed: 1,
  /** The command could not start: wrong arguments, a module that cannot be loaded, a missing file. */
  usage: 2,
} as const;
