import type { StreamEntry } from '../../brokers/broker.js';
import type { Expression } from '../../expressions/expression.js';
import type { JoinKind } from '../../joins/join-kind.js';
import type { Matching } from '../../joins/matching/matching.js';
import type { WindowDescription } from '../../joins/window.js';
import type { MessageClass } from '../../base/class.js';
import type { OrderPolicy } from '../lane/lane-spec.js';

/** Everything that a mill will do, checked as a whole and frozen when the mill is made. It fits `LaneSpec`. */
export interface Plan {
  /** Depth first; node 0 is the master. */
  readonly nodes: readonly PlanNode[];
  readonly window: WindowDescription | undefined;
  readonly process: ProcessPlan;
  /** The streams that results go to, one per class of `emits`. */
  readonly outputs: readonly PlanOutput[];
  /** Changes when a committed vector no longer fits: node names, edges, kinds, windows, printed expressions. */
  readonly fingerprint: string;
}

export interface PlanNode {
  readonly index: number;
  /** The message class's name. */
  readonly name: string;
  readonly message: MessageClass<any>;
  readonly input: StreamEntry;
  readonly edges: readonly PlanEdge[];
  readonly order: OrderPolicy;
}

export interface PlanEdge {
  readonly parent: number;
  readonly child: number;
  readonly kind: JoinKind;
  readonly matching: Matching;
  readonly left: Expression<any, any>;
  readonly right: Expression<any, any>;
  readonly on: readonly (readonly [Expression<any, any>, Expression<any, any>])[];
  readonly unmatched: boolean;
}

export interface PlanOutput {
  readonly message: MessageClass<any>;
  readonly entry: StreamEntry;
}

export interface ProcessPlan {
  /** `SpeedMeter.measure`, or `process function`. */
  readonly name: string;
  readonly parameters: readonly ParameterPlan[];
  /** Side effects only, or the classes of results. */
  readonly emits: readonly MessageClass<any>[];
  readonly onError: 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };
}

/** What a parameter of the process function receives. */
export type ParameterPlan =
  | { readonly what: 'master' }
  /** The groups of an edge: of node `parent`, its edge number `edge`. */
  | { readonly what: 'joined'; readonly parent: number; readonly edge: number }
  | { readonly what: 'injected'; readonly token: unknown }
  | { readonly what: 'bounds' };
