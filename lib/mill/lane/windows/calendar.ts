import { type TimeZone, timeZone } from '../../../base/time-zone.js';
import type { CalendarDescription } from '../../../joins/windows/window-kinds.js';
import type { Place } from '../../resume/place.js';
import type { Borders } from './borders.js';
import { calendarBorders } from './calendar-borders.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import { OpenWindow } from './open-window.js';
import type { Windows } from './windows.js';

/** Returns a function that finds the window of an instant. The zone was already checked. */
export function bordersOfCalendar({ unit, zone }: CalendarDescription): (instant: number) => Borders {
  return calendarBorders(unit, timeZone(zone) as TimeZone);
}

/** Windows of an hour, a day, a week or a month in a time zone. Borders are looked up once per window. */
export function calendar(
  description: CalendarDescription,
  keepsRows: boolean,
  slot: WindowSlot,
  done: Place | undefined,
): Windows {
  const open = new OpenWindow(keepsRows, slot, done);
  const around = bordersOfCalendar(description);
  let borders: Borders = { start: undefined, end: undefined };

  function flush(): CalledWindow | undefined {
    return open.call(borders.start, borders.end);
  }

  return {
    take(run) {
      open.skipDone(run);
      const { keys, end } = run;
      if (open.isEmpty && run.at < end) borders = around(keys[run.at]);
      let i = run.at;
      while (i < end && keys[i] < borders.end) i++;
      if (i > run.at) open.take(run, i);
      return i < end ? flush() : undefined;
    },
    close: (key) => (open.isEmpty || key < borders.end ? undefined : flush()),
    end: flush,
    timeout: () => undefined,
    held: () => open.size,
    uncalled: () => open.size,
    skipped: () => open.skipped,
    oldest: () => open.oldest(),
  };
}
