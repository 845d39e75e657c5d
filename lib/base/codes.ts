/**
 * Every error code with what it means, by the stage that reports it. `docs/errors.md` is checked against this list,
 * and a test produces each of them.
 */
export const errorCodes = {
  // messages: declaring a message class
  // messages: reading and writing
  // expressions
  // joins and windows: making a tree
  // plan: making a mill
  // running
  // brokers
} as const;

export type ErrorCode = keyof typeof errorCodes;
