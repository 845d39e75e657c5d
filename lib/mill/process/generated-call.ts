import { compile } from '../../base/compile.js';
import { Joined } from '../../joins/joined.js';
import { WindowBounds } from '../../joins/window-bounds.js';
import type { MakeCall } from './call-given.js';
import type { Argument, CallLayout, Slot } from './call-layout.js';

/**
 * Compiles the call of the process function: for a two-way join `new Joined()`, `set`, and a call of a known number of
 * arguments from a place that calls nothing else. That is what one would write by hand; an interpreter of the layout
 * with an array of arguments costs nearly twice as much a call. Undefined where the host forbids generated code.
 */
export function generatedCall(fn: Function, self: unknown, layout: CallLayout): MakeCall | undefined {
  const values = layout.arguments.map((argument) => (argument.what === 'value' ? argument.value : undefined));
  const text = [
    ...values.map((_, i) => `const value${i} = values[${i}];`),
    'return (answer, given) => {',
    ...Array.from({ length: layout.joined }, (_, map) => `const joined${map} = new Joined();`),
    ...(layout.joined > 0 ? fillAll(layout) : []),
    `return fn.call(self${layout.arguments.map((argument, i) => `, ${argumentText(argument, i, layout.windowed)}`).join('')});`,
    '};',
  ];
  return compile<MakeCall>({ Joined, WindowBounds, fn, self, values }, text.join('\n'));
}

function argumentText(argument: Argument, index: number, windowed: boolean): string {
  if (argument.what === 'value') return `value${index}`;
  if (argument.what === 'joined') return `joined${argument.map}`;
  if (argument.what === 'bounds') return 'new WindowBounds(answer.start, answer.end)';
  if (argument.what === 'dataKey' || argument.what === 'origin') return `given.${argument.what}`;
  return windowed ? 'answer.elements' : 'answer.elements[0]';
}

function fillAll({ windowed, slots }: CallLayout): string[] {
  if (!windowed) return ['const row = answer.rows[0];', ...fill(slots, 'row', 0)];
  return ['for (const row of answer.rows) {', ...fill(slots, 'row', 0), '}'];
}

function fill(slots: readonly Slot[], row: string, depth: number): string[] {
  return slots.flatMap(({ group, map, below }) => {
    const members = `${row}.groups[${group}]`;
    if (below.length === 0) return [`joined${map}.set(${row}.element, ${members});`];
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

/** Makes an array of the elements of some rows, and fills the maps below each. */
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
