import type { Class, MessageClass } from '../../base/class.js';
import type { Broker, StreamEntry } from '../../brokers/broker.js';
import type { Expression } from '../../expressions/expression.js';
import type { Fold } from '../../joins/folded-window.js';
import type { JoinKind } from '../../joins/join-kind.js';
import type { Matching } from '../../joins/matching/matching.js';
import type { WindowDescription } from '../../joins/windows/window.js';
import type { TableClass } from '../../tables/make-table.js';
import type { MadeProcess } from './made-process.js';

/**
 * Everything that a mill will do, checked as a whole and frozen when the mill is made. Compatible with `LaneSpec`,
 * except for the fold.
 */
export interface Plan {
  /** The broker that it connects to: one, or several as one. */
  readonly broker: Broker;
  /** Depth first; node 0 is the master. */
  readonly nodes: readonly PlanNode[];
  readonly window: WindowDescription | undefined;
  /** How the elements of a window are folded, if they are. */
  readonly fold: Fold | undefined;
  readonly process: ProcessPlan;
  /** The output streams: one per class of `process.emits`, in that order, then late elements and dead letters. */
  readonly outputs: readonly PlanOutput[];
  /** The tables that the process asks for, each once, in the order of the parameters. */
  readonly tables: readonly PlanTable[];
  /** Changes when a committed vector no longer fits: node names, edges, kinds, windows, printed expressions, order. */
  readonly fingerprint: string;
  /** The parts of the fingerprint, in words; undefined if they are too long to be kept. */
  readonly outline: PlanOutline | undefined;
  /** The uses of the wall clock, in words; if empty, every run over the same input has the same results. */
  readonly clockUses: readonly string[];
}

/** The broker of the master: its lanes are the mill's, and it keeps the progress. */
export function leaderOf({ nodes }: Pick<Plan, 'nodes'>): Broker {
  return (nodes[0] as PlanNode).broker;
}

export interface PlanNode {
  readonly index: number;
  /** The name of the message class. */
  readonly name: string;
  readonly message: MessageClass<any>;
  readonly broker: Broker;
  readonly input: StreamEntry;
  readonly edges: readonly PlanEdge[];
  readonly order: OrderPolicy;
  /** The index of the output for late elements; undefined if they are only counted. */
  readonly late: number | undefined;
  readonly onBadMessage: FailurePolicy;
  readonly idle: IdlePolicy;
  /** The callbacks for when it lags behind another node. */
  readonly lag: LagPolicy | undefined;
  /** The lane may continue without it while it is silent. */
  readonly mayBeIgnored: boolean;
}

/** When a stream lags behind another one, and the callbacks for that. */
export interface LagPolicy {
  /** The other node. */
  readonly behind: number;
  readonly threshold: number | bigint;
  readonly onDown: ((lag: any) => void) | undefined;
  readonly onUp: ((lag: any) => void) | undefined;
  /** The key of this node, and the key of the other node to compare it with. */
  readonly own: Expression<any, any>;
  readonly other: Expression<any, any>;
}

/** What to do with an element out of order. `by` is the key that slack reorders by. */
export type OrderPolicy =
  | { readonly policy: 'fail' | 'skip' }
  | { readonly policy: 'slack'; readonly slack: number | bigint; readonly by: Expression<any, any> };

export interface PlanEdge {
  readonly parent: number;
  readonly child: number;
  readonly kind: JoinKind;
  readonly matching: Matching;
  readonly left: Expression<any, any>;
  readonly right: Expression<any, any>;
  readonly on: readonly (readonly [Expression<any, any>, Expression<any, any>])[];
  /** Child elements that are in no group go to an unmatched method. */
  readonly unmatched: boolean;
}

export interface PlanOutput {
  readonly message: MessageClass<any>;
  readonly broker: Broker;
  readonly entry: StreamEntry;
  /** Dead letters are among the elements written to this output. */
  readonly takesLetters?: boolean;
  /** Elements with equal keys must be in the same partition, whichever lane writes them. */
  readonly key?: (element: any) => unknown;
}

/**
 * What to do with a message or an element that fails. `output` is the index of the dead letters in the plan's outputs.
 */
export type FailurePolicy = 'fail' | 'skip' | { readonly deadLetter: MessageClass<any>; readonly output: number };

/** What to do when no elements have arrived for a while; undefined: the mill waits. */
export type IdlePolicy = { readonly afterMs: number; readonly then: 'end' | 'ignore' | 'wait' } | undefined;

export interface ProcessPlan {
  /** `SpeedMeter.measure`, or `process function`. */
  readonly name: string;
  readonly owner: ProcessOwner;
  readonly callee: Callee;
  readonly parameters: readonly ParameterPlan[];
  /** The classes of the results; empty for side effects only. */
  readonly emits: readonly MessageClass<any>[];
  readonly onError: FailurePolicy;
  /** The maximum number of async calls of a lane in progress. */
  readonly concurrency: number;
  readonly unmatched: readonly UnmatchedPlan[];
  /** The function to call once when the streams have ended. */
  readonly atEnd: AtEndPlan | undefined;
  /** Only if the process is instantiated for each run and lane. */
  readonly made: MadeProcess | undefined;
}

/** The owner of the called methods: an instance from the container, one that the user made, or none. */
export type ProcessOwner =
  | { readonly what: 'class'; readonly class: Class }
  | { readonly what: 'instance'; readonly instance: object }
  | { readonly what: 'none' };

/** The name of the owner's method, or a function. */
export type Callee = string | symbol | Function;

/** The receiver of elements of a child of the master that were in no group. */
export interface UnmatchedPlan {
  readonly node: number;
  readonly name: string;
  readonly callee: Callee;
  /** The parameters after the element. */
  readonly injected: readonly (InjectedParameter | TableParameter)[];
}

/** The function that is called when the streams have ended; all of its parameters come from the container. */
export interface AtEndPlan {
  readonly name: string;
  readonly callee: Callee;
  readonly injected: readonly (InjectedParameter | TableParameter)[];
}

/** The value of a parameter of the process function. */
export type ParameterPlan =
  | { readonly what: 'master' }
  /** The groups of an edge: edge number `edge` of node `parent`. */
  | { readonly what: 'joined'; readonly parent: number; readonly edge: number }
  | { readonly what: 'bounds' | 'origin' | 'dataKey' }
  | TableParameter
  | InjectedParameter;

/** The lane's instance of a table, by its index in the plan's tables. */
export interface TableParameter {
  readonly what: 'table';
  readonly table: number;
}

/** A table, one per lane. */
export interface PlanTable {
  readonly name: string;
  readonly table: TableClass<any, any>;
  readonly message: MessageClass<any>;
  /** The key of its elements, in words. */
  readonly key: string;
  readonly store: 'memory' | 'disk';
  /** When elements expire, in words, and the key of the master that decides it. */
  readonly expires: { readonly text: string; readonly frontier: Expression<any, any> } | undefined;
}

/** From the container. `place` is the parameter, for errors: `parameter 3 of SpeedMeter.measure`. */
export interface InjectedParameter {
  readonly what: 'injected';
  readonly token: unknown;
  readonly place: string;
}

/** The parts of a plan that must fit a commit, in words: `{ "Order": "order fail", "Order to Price": "inner, …" }`. */
export type PlanOutline = Readonly<Record<string, string>>;
