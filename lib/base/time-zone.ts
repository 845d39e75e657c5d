/** A time zone. */
export interface TimeZone {
  /** The offset from UTC at an instant, in milliseconds: local time minus UTC. */
  offsetAt(instant: number): number;
}

/** The time zone with an IANA name, from the host's data; undefined if the host does not know it. */
export function timeZone(name: string): TimeZone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  return { offsetAt: (instant) => offsetBy(format, Math.floor(instant / 1000) * 1000) };
}

function offsetBy(format: Intl.DateTimeFormat, instant: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instant)) parts[type] = value;
  const { era, year, month, day, hour, minute, second } = parts;
  const local = new Date(0);
  // The year before 1 is 1 BC.
  const astronomical = era?.startsWith('B') ? 1 - Number(year) : Number(year);
  local.setUTCFullYear(astronomical, Number(month) - 1, Number(day));
  local.setUTCHours(Number(hour), Number(minute), Number(second));
  return local.getTime() - instant;
}
