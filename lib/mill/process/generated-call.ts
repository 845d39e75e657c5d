import type { Class } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { isExactly } from '../../base/instance-tests.js';
import { Joined } from '../../joins/joined.js';
import { WindowBounds } from '../../joins/window-bounds.js';
import type { CallEach, MakeCall } from './call-given.js';
import type { Argument, CallLayout, Slot } from './call-layout.js';
import { ownGroup } from './call-rows.js';

/**
 * Compiles the call of the process function: for a two-way join `new Joined()`, `set`, and a call with a fixed number
 * of arguments from a monomorphic call site. That is what one would write by hand; interpreting the layout with an
 * array of arguments costs nearly twice as much per call. Undefined if generated code is forbidden.
 */
export function generatedCall(fn: Function, self: unknown, layout: CallLayout): MakeCall | undefined {
  const { windowed } = layout;
  const rows = windowed ? ['for (const row of answer.rows) {'] : ['const row = answer.rows[0];'];
  const text = [
    ...takeValues(layout),
    'return (answer, given) => {',
    ...makeJoined(layout),
    ...(layout.joined > 0 ? [...rows, ...fill(layout.slots, 'row', 0), ...(windowed ? ['}'] : [])] : []),
    `return ${callText(layout, 'answer', windowed ? windowText(layout, 'answer') : 'answer.elements[0]')};`,
    '};',
  ];
  return compile<MakeCall>(scopeOf(fn, self, layout), text.join('\n'));
}

/**
 * Compiles a series of such calls into one loop, without a round trip through the driver and the lane per call. Each
 * group of a series belongs to one call only, and its members are elements.
 */
export function generatedSeries(
  fn: Function,
  self: unknown,
  layout: CallLayout,
  result: Class | undefined,
): CallEach | undefined {
  const { windowed, slots } = layout;
  const text = [
    ...takeValues(layout),
    'return (series, results, take, control) => {',
    `const { ${windowed ? 'windows' : 'elements, start, groups'}, count } = series;`,
    ...(windowed ? [] : slots.map(({ group }) => `const groups${group} = groups[${group}];`)),
    'while (series.done < count && !control.isStopped) {',
    'const call = series.done++;',
    windowed ? 'const window = windows[call];' : 'const element = elements[start + call];',
    ...(layout.callBegins === undefined ? [] : [`callBegins(${windowed ? 'window.elements.at(-1)' : 'element'});`]),
    // A series of windows has no groups.
    ...(windowed
      ? []
      : [...makeJoined(layout), ...slots.map(({ group, map }) => `joined${map}.set(element, groups${group}[call]);`)]),
    `const returned = ${callText(layout, 'window', windowed ? windowText(layout, 'window') : 'element')};`,
    ...(result === undefined
      ? []
      : [`if (${isExactly('returned', 'Result')}) { results.push(take(returned)); continue; }`]),
    'if (returned !== undefined && returned !== null) return returned;',
    '}',
    '};',
  ];
  return compile<CallEach>({ ...scopeOf(fn, self, layout), Result: result }, text.join('\n'));
}

function scopeOf(fn: Function, self: unknown, layout: CallLayout) {
  const values = layout.arguments.map((argument) => (argument.what === 'value' ? argument.value : undefined));
  return { Joined, WindowBounds, ownGroup, fn, self, values, callBegins: layout.callBegins };
}

/** The array of a window already belongs to the call, unless it is needed afterwards. */
function windowText({ folded, keepsWindow }: CallLayout, about: string): string {
  if (folded) return `${about}.folded`;
  return keepsWindow ? `${about}.elements.slice()` : `${about}.elements`;
}

function takeValues(layout: CallLayout): string[] {
  return layout.arguments.map((_, i) => `const value${i} = values[${i}];`);
}

function makeJoined(layout: CallLayout): string[] {
  return Array.from({ length: layout.joined }, (_, map) => `const joined${map} = new Joined();`);
}

/** The code of the call; `about` has the borders of a window, `master` is the element or the elements. */
function callText({ arguments: args }: CallLayout, about: string, master: string): string {
  return `fn.call(self${args.map((argument, i) => `, ${argumentText(argument, i, about, master)}`).join('')})`;
}

function argumentText(argument: Argument, index: number, about: string, master: string): string {
  if (argument.what === 'value') return `value${index}`;
  if (argument.what === 'joined') return `joined${argument.map}`;
  if (argument.what === 'bounds') return `new WindowBounds(${about}.start, ${about}.end)`;
  if (argument.what === 'dataKey' || argument.what === 'origin') return `given.${argument.what}`;
  return master;
}

function fill(slots: readonly Slot[], row: string, depth: number): string[] {
  return slots.flatMap(({ group, map, below }) => {
    const members = `${row}.groups[${group}]`;
    if (below.length === 0) return [`joined${map}.set(${row}.element, ownGroup(${members}));`];
    const list = `list${depth}`;
    return [
      '{',
      `const members${depth} = ${members};`,
      ...collect(`members${depth}`, list, below, depth + 1),
      `joined${map}.set(${row}.element, ${list});`,
      '}',
    ];
  });
}

/** The code that makes an array of the elements of some rows, and fills the maps below each. */
function collect(rows: string, list: string, slots: readonly Slot[], depth: number): string[] {
  const [row, i] = [`row${depth}`, `i${depth}`];
  return [
    `const ${list} = new Array(${rows}.length);`,
    `for (let ${i} = 0; ${i} < ${rows}.length; ${i}++) {`,
    `const ${row} = ${rows}[${i}];`,
    `${list}[${i}] = ${row}.element;`,
    ...fill(slots, row, depth),
    '}',
  ];
}
