import type { Logger } from 'watermill';

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** Writes one JSON object per line to stderr, from a level upwards. */
export function jsonLogger(least: (typeof levels)[number]): Logger {
  const write = (level: (typeof levels)[number]) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return () => {};
    return (fields: object, text: string): void => {
      const line = { time: new Date().toISOString(), level, text, ...fields };
      process.stderr.write(`${JSON.stringify(line, plain)}\n`);
    };
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** Converts values that JSON cannot represent. */
function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  return { ...value, message: value.message, stack: value.stack, cause: value.cause };
}
