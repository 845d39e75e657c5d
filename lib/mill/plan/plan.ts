import type { Class, MessageClass } from '../../base/class.js';
import type { Broker, StreamEntry } from '../../brokers/broker.js';
import type { Expression } from '../../expressions/expression.js';
import type { Fold } from '../../joins/folded-window.js';
import type { JoinKind } from '../../joins/join-kind.js';
import type { Matching } from '../../joins/matching/matching.js';
import type { WindowDescription } from '../../joins/window.js';
import type { TableClass } from '../../tables/make-table.js';
import type { MadeProcess } from './made-process.js';

/** Everything that a mill will do, checked as a whole and frozen when the mill is made. It fits `LaneSpec`, but for the fold. */
export interface Plan {
  /** Where it reads and writes: one broker, or several as one. */
  readonly broker: Broker;
  /** Depth first; node 0 is the master. */
  readonly nodes: readonly PlanNode[];
  readonly window: WindowDescription | undefined;
  /** What the elements of a window are folded into, where they are. */
  readonly fold: Fold | undefined;
  readonly process: ProcessPlan;
  /** The streams that are written: one per class of `process.emits`, in that order, then late elements and dead letters. */
  readonly outputs: readonly PlanOutput[];
  /** The tables that the process asks for, each once, in the order of the parameters. */
  readonly tables: readonly PlanTable[];
  /** Changes when a committed vector no longer fits: node names, edges, kinds, windows, printed expressions, order. */
  readonly fingerprint: string;
  /** The parts that the fingerprint is of, in words; undefined if they are too many to be kept. */
  readonly outline: PlanOutline | undefined;
  /** Where the wall clock matters, in words, one each; empty if every run over the same input has the same results. */
  readonly clockUses: readonly string[];
}

/** The broker of the master: its lanes are the mill's, and it keeps the progress. */
export function leaderOf({ nodes }: Pick<Plan, 'nodes'>): Broker {
  return (nodes[0] as PlanNode).broker;
}

export interface PlanNode {
  readonly index: number;
  /** The message class's name. */
  readonly name: string;
  readonly message: MessageClass<any>;
  readonly broker: Broker;
  readonly input: StreamEntry;
  readonly edges: readonly PlanEdge[];
  readonly order: OrderPolicy;
  /** The index of the output that late elements go to; undefined: they are only counted. */
  readonly late: number | undefined;
  readonly onBadMessage: FailurePolicy;
  readonly idle: IdlePolicy;
  /** The callbacks for when it lags behind another node. */
  readonly lag: LagPolicy | undefined;
  /** The lane may continue without it while it is silent. */
  readonly mayBeIgnored: boolean;
}

/** When a stream lags behind another one, and what is called then. */
export interface LagPolicy {
  /** The other node. */
  readonly behind: number;
  readonly threshold: number | bigint;
  readonly onDown: ((lag: any) => void) | undefined;
  readonly onUp: ((lag: any) => void) | undefined;
  /** The key of this node, and that of the other, which it is compared with. */
  readonly own: Expression<any, any>;
  readonly other: Expression<any, any>;
}

/** What an element out of order does. `by` is the key that slack reorders by. */
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
  /** Dead letters are among what is written there. */
  readonly takesLetters?: boolean;
  /** Elements with equal keys must lie together, whichever lane writes them. */
  readonly key?: (element: any) => unknown;
}

/** What happens with a message or an element that fails. `output` is the dead letters' place in the plan's outputs. */
export type FailurePolicy = 'fail' | 'skip' | { readonly deadLetter: MessageClass<any>; readonly output: number };

/** What happens when nothing came on a stream for a while; undefined: the mill waits. */
export type IdlePolicy = { readonly afterMs: number; readonly then: 'end' | 'ignore' | 'wait' } | undefined;

export interface ProcessPlan {
  /** `SpeedMeter.measure`, or `process function`. */
  readonly name: string;
  readonly owner: ProcessOwner;
  readonly callee: Callee;
  readonly parameters: readonly ParameterPlan[];
  /** The classes of the results; empty: side effects only. */
  readonly emits: readonly MessageClass<any>[];
  readonly onError: FailurePolicy;
  /** How many async calls of a lane may be in progress. */
  readonly concurrency: number;
  readonly unmatched: readonly UnmatchedPlan[];
  /** The function to call once when the streams have ended. */
  readonly atEnd: AtEndPlan | undefined;
  /** The process is made for each run and lane. */
  readonly made: MadeProcess | undefined;
}

/** Whose methods are called: an instance from the container, one that the user made, or none. */
export type ProcessOwner =
  | { readonly what: 'class'; readonly class: Class }
  | { readonly what: 'instance'; readonly instance: object }
  | { readonly what: 'none' };

/** The name of the owner's method, or a function. */
export type Callee = string | symbol | Function;

/** Who receives the elements of a child of the master that were in no group. */
export interface UnmatchedPlan {
  readonly node: number;
  readonly name: string;
  readonly callee: Callee;
  /** The parameters after the element. */
  readonly injected: readonly (InjectedParameter | TableParameter)[];
}

/** Who is called when the streams have ended; its parameters all come from the container. */
export interface AtEndPlan {
  readonly name: string;
  readonly callee: Callee;
  readonly injected: readonly (InjectedParameter | TableParameter)[];
}

/** What a parameter of the process function receives. */
export type ParameterPlan =
  | { readonly what: 'master' }
  /** The groups of an edge: of node `parent`, its edge number `edge`. */
  | { readonly what: 'joined'; readonly parent: number; readonly edge: number }
  | { readonly what: 'bounds' | 'origin' | 'dataKey' }
  | TableParameter
  | InjectedParameter;

/** The lane's own instance of a table, by its index in the plan's tables. */
export interface TableParameter {
  readonly what: 'table';
  readonly table: number;
}

/** A table, one for each lane. */
export interface PlanTable {
  readonly name: string;
  readonly table: TableClass<any, any>;
  readonly message: MessageClass<any>;
  /** The key of its elements, in words. */
  readonly key: string;
  readonly store: 'memory' | 'disk';
  /** Where elements expire: when, and the key of the master that says it. */
  readonly expires: { readonly text: string; readonly frontier: Expression<any, any> } | undefined;
}

/** From the container. `place` says where it is asked for: `parameter 3 of SpeedMeter.measure`. */
export interface InjectedParameter {
  readonly what: 'injected';
  readonly token: unknown;
  readonly place: string;
}

/** What a commit fits to, part by part, in words: `{ "Order": "order fail", "Order to Price": "inner, …" }`. */
export type PlanOutline = Readonly<Record<string, string>>;
