import { givesGroups } from '../../joins/join-kind.js';
import { groupEdges } from '../plan/find/group-edges.js';
import type { Plan } from '../plan/plan.js';

/** How the rows of a call become the arguments of the process function. */
export interface CallLayout {
  readonly windowed: boolean;
  /** A call gets what the elements of its window were folded into. */
  readonly folded: boolean;
  /** The elements of a window are asked for after a call that failed, so the call gets its own array. */
  readonly keepsWindow: boolean;
  /** What each argument is, in order. */
  readonly arguments: readonly Argument[];
  /** The edges of the master that give groups. */
  readonly slots: readonly Slot[];
  /** How many `Joined` a call has. */
  readonly joined: number;
  /** To be called at the beginning of each call of a series, where the process has tables. */
  readonly callBegins: ((element: object | undefined) => void) | undefined;
}

/** The tables of a lane, as its calls see them. */
export interface CallTables {
  /** One per table of the plan. */
  readonly instances: readonly object[];
  /** `element`: the last of the master that the call is about; undefined if it is about none. */
  callBegins(element: object | undefined): void;
}

export type Argument =
  | { readonly what: 'master' | 'bounds' | 'origin' | 'dataKey' }
  | { readonly what: 'joined'; readonly map: number }
  | { readonly what: 'value'; readonly value: unknown };

/** An edge that gives groups: which group of a row it is, which map it fills, and the edges below it. */
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

/** Where the groups of a master element go, and how many `Joined` that are. */
export function groupSlots({ nodes }: Pick<Plan, 'nodes'>): Pick<CallLayout, 'slots' | 'joined'> {
  const edges = groupEdges(nodes).map(({ edge }) => edge);
  const slotsOf = (node: number): Slot[] =>
    nodes[node]!.edges.filter((edge) => givesGroups(edge.kind)).map((edge, group) => ({
      group,
      map: edges.indexOf(edge),
      below: slotsOf(edge.child),
    }));
  return { slots: slotsOf(0), joined: edges.length };
}
