import type { Class } from '../../base/class.js';
import { Joined } from '../../joins/joined.js';
import { WindowBounds } from '../../joins/window-bounds.js';
import { type CallEach, type MakeCall, rowsOf } from './call-given.js';
import type { CallLayout, Slot } from './call-layout.js';
import { type CallRow, ownGroup } from './call-rows.js';

/** Calls the process function with the arguments of a layout. Equivalent to `generatedCall`, but slower. */
export function interpretedCall(fn: Function, self: unknown, layout: CallLayout): MakeCall {
  return ({ elements, rows, folded, start, end }, given) => {
    const maps = Array.from({ length: layout.joined }, () => new Joined<object, object>());
    for (const row of rows) fillJoined(layout.slots, row, maps);
    const args = layout.arguments.map((argument) => {
      if (argument.what === 'value') return argument.value;
      if (argument.what === 'joined') return maps[argument.map];
      if (argument.what === 'bounds') return new WindowBounds(start as any, end as any);
      if (argument.what === 'dataKey' || argument.what === 'origin') return given?.[argument.what];
      if (layout.folded) return folded;
      if (!layout.windowed) return elements[0];
      return layout.keepsWindow ? elements.slice() : elements;
    });
    return Reflect.apply(fn, self, args);
  };
}

/** Makes a series of calls one by one. Equivalent to `generatedSeries`. */
export function interpretedSeries(
  call: MakeCall,
  result: Class | undefined,
  callBegins?: (element: object | undefined) => void,
): CallEach {
  return (series, results, take, control) => {
    while (series.done < series.count && !control.isStopped) {
      const rows = rowsOf(series, series.done++);
      callBegins?.(rows.elements.at(-1));
      const returned = call(rows);
      if (result !== undefined && (returned as object | undefined)?.constructor === result)
        results.push(take(returned as object));
      else if (returned !== undefined && returned !== null) return returned;
    }
    return undefined;
  };
}

/** Fills the maps with the groups of a row, under its element or an equal one. */
export function fillJoined(
  slots: readonly Slot[],
  row: CallRow,
  maps: readonly Joined<object, object>[],
  element = row.element,
): void {
  for (const { group, map, below } of slots) {
    const members = row.groups![group]!;
    if (below.length === 0) {
      maps[map]!.set(element, ownGroup(members));
      continue;
    }
    const rows = members as readonly CallRow[];
    for (const member of rows) fillJoined(below, member, maps);
    maps[map]!.set(
      element,
      rows.map((member) => member.element),
    );
  }
}
