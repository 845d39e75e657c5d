import { hasGroups } from '../../joins/join-kind.js';
import { groupEdges } from '../plan/find/group-edges.js';
import type { Plan } from '../plan/plan.js';

/** How the rows of a call become the arguments of the process function. */
export interface CallLayout {
  readonly windowed: boolean;
  /** A call gets the accumulator of its window. */
  readonly folded: boolean;
  /** The elements of a window are needed after a failed call, so the call gets its own array. */
  readonly keepsWindow: boolean;
  /** The arguments, in order. */
  readonly arguments: readonly Argument[];
  /** The edges of the master that give groups. */
  readonly slots: readonly Slot[];
  /** The number of `Joined` in a call. */
  readonly joined: number;
  /** Called at the beginning of each call of a series, if the process has tables. */
  readonly callBegins: ((element: object | undefined) => void) | undefined;
}

/** The tables of a lane, as seen by its calls. */
export interface CallTables {
  /** One per table of the plan. */
  readonly instances: readonly object[];
  /** `element`: the last master element of the call; undefined if it has none. */
  callBegins(element: object | undefined): void;
}

export type Argument =
  | { readonly what: 'master' | 'bounds' | 'origin' | 'dataKey' }
  | { readonly what: 'joined'; readonly map: number }
  | { readonly what: 'value'; readonly value: unknown };

/** An edge that has groups: the index of its group in a row, the map that it fills, and the edges below it. */
export interface Slot {
  readonly group: number;
  readonly map: number;
  readonly below: readonly Slot[];
}

/** The layout of a plan's calls; `values` are the injected arguments, in the order of their parameters. */
export function layoutOf(plan: Plan, values: readonly unknown[], tables?: CallTables): CallLayout {
  const edges = groupEdges(plan.nodes).map(({ edge }) => edge);
  const left = [...values];
  const args = plan.process.parameters.map((parameter): Argument => {
    if (parameter.what === 'injected') return { what: 'value', value: left.shift() };
    if (parameter.what === 'table') return { what: 'value', value: tables?.instances[parameter.table] };
    if (parameter.what !== 'joined') return { what: parameter.what };
    return { what: 'joined', map: edges.indexOf(plan.nodes[parameter.parent]!.edges[parameter.edge]!) };
  });
  const folded = plan.fold !== undefined;
  const { slots, joined } = folded ? noGroups : groupSlots(plan);
  const windowed = plan.window !== undefined;
  const keepsWindow = windowed && typeof plan.process.onError === 'object';
  const callBegins = tables === undefined ? undefined : (element: object | undefined) => tables.callBegins(element);
  return { windowed, folded, keepsWindow, arguments: args, slots, joined, callBegins };
}

const noGroups = { slots: [], joined: 0 };

/** The slots for the groups of a master element, and the number of `Joined`. */
export function groupSlots({ nodes }: Pick<Plan, 'nodes'>): Pick<CallLayout, 'slots' | 'joined'> {
  const edges = groupEdges(nodes).map(({ edge }) => edge);
  const slotsOf = (node: number): Slot[] =>
    nodes[node]!.edges.filter((edge) => hasGroups(edge.kind)).map((edge, group) => ({
      group,
      map: edges.indexOf(edge),
      below: slotsOf(edge.child),
    }));
  return { slots: slotsOf(0), joined: edges.length };
}
