import { comparable, type Key } from '../../expressions/key.js';
import { keyInErrors } from '../../expressions/key-code.js';
import { printKey } from '../../expressions/key-text.js';
import { kindRow } from '../../joins/join-kind.js';
import type { EdgeSpec, KeySource, LaneSpec, NodeSpec, OrderPolicy } from '../lane/lane-spec.js';
import type { StreamEnds } from '../resume/commit-text.js';
import { JoinVerdicts, keyOf, type Neighbours, type Taken } from './join-verdicts.js';
import { inTime, makesLate, type NodeSources, slackOf, sourcesOf, withoutKey } from './judge-order.js';
import { elementsBefore, type ReadStream, type ReadValue } from './traced-feed.js';
import { type Trace, traceLane } from './traced-lane.js';
import type { WhyEdge, WhyElement, WhyNeighbour, WhyReason } from './why.js';

/** The edge above a node. */
interface Up {
  readonly parent: number;
  readonly edge: EdgeSpec;
}

type Explanation = Pick<WhyElement, 'reason' | 'sentence'> & Partial<Pick<WhyElement, 'edge' | 'parent'>>;

/** Explains the outcome of each element of a lane's streams. */
export class LaneReasons {
  private readonly trace: Trace;
  /** The trace of one run over all elements, if there were runs that ended. */
  private readonly inOneRun: Trace | undefined;
  private readonly verdicts: JoinVerdicts;
  private readonly ups: readonly (Up | undefined)[];
  private readonly sources: readonly NodeSources[];
  private readonly byElement: ReadonlyMap<object, Taken>;

  constructor(
    private readonly lane: string,
    private readonly spec: LaneSpec,
    private readonly streams: readonly ReadStream[],
    ends: readonly StreamEnds[] = [],
  ) {
    this.trace = traceLane(spec, streams, ends);
    this.inOneRun = ends.length === 0 ? undefined : traceLane(spec, streams, []);
    this.ups = spec.nodes.map((_, child) => upOf(spec.nodes, child));
    this.sources = spec.nodes.map((_, node) => sourcesOf(spec, node, this.ups[node]?.edge));
    const taken = spec.nodes.map((node, i) => inTime(node, this.sources[i]!, this.elementsOf(i)));
    this.verdicts = new JoinVerdicts(spec.nodes, taken);
    this.byElement = new Map(taken.flat().map((each) => [each.element, each]));
  }

  /** The outcome of a value of a node's stream. */
  why(node: number, value: ReadValue): WhyElement {
    const { element, position } = value;
    const calls = element === undefined ? [] : (this.trace.calls.get(element) ?? []);
    const explained = this.explain(node, value);
    return { message: this.nameOf(node), position, lane: this.lane, calls, ...explained };
  }

  private explain(node: number, { element, position, problem }: ReadValue): Explanation {
    const { trace } = this;
    const name = this.nameOf(node);
    if (element === undefined) {
      const { failure } = trace;
      const failing = failure?.node === node && failure.position === position ? ' The run fails here.' : '';
      return explanation('bad', `It is not an element of ${name}: ${problem}${failing}`);
    }
    const calls = trace.calls.get(element);
    if (calls !== undefined) return { reason: 'called', sentence: this.callsWords(calls) };
    if (trace.unmatched.has(element))
      return explanation('unmatched', 'It is in no group, and goes to the unmatched method.');
    const { violation } = trace;
    if (violation !== undefined && violation.node === node && violation.position === position) {
      const { expression, key, before } = violation;
      const than = before === undefined ? 'which cannot be compared' : `after ${printKey(before)} before it`;
      return explanation(
        'out of order',
        `The run fails here: the key ${keyInErrors(expression)} is ${printKey(key)}, ${than}.`,
      );
    }
    const others = this.inOneRun?.calls.get(element);
    if (others !== undefined && !trace.late.has(element) && trace.failure === undefined) {
      return explanation('decided', `${this.decidedWords()} In one run over all elements: ${this.callsWords(others)}`);
    }
    const taken = this.byElement.get(element);
    if (trace.late.has(element) || (taken === undefined && this.skips(node))) {
      return explanation('late', `It is late: ${this.lateWords(node, element)}.`);
    }
    if (taken === undefined || taken.isUnread) return this.undecidedOr('not read', this.endWords());
    return this.byEdges(taken);
  }

  private byEdges(element: Taken): Explanation {
    const failure = this.verdicts.failure(element);
    const up = this.ups[element.node];
    if (failure !== undefined) return this.failed(element, failure.edge, failure.match);
    if (up === undefined) return this.undecidedOr('no window', this.windowWords());
    const { parent, edge } = up;
    const parents = this.verdicts.parents(parent, edge, element);
    if (parents.length === 0) return this.passedOver(element, up);
    const names = `${this.nameOf(parent)} ${positions(parents)}`;
    const { dropsWithMatch, hasGroups } = kindRow(edge.kind);
    const described = { edge: this.edgeOf(up, element, edge.right, undefined, undefined) };
    if (dropsWithMatch)
      return { ...explanation('excludes', `It excludes ${names}: the edge is ${edge.kind}.`), ...described };
    if (!hasGroups) {
      return {
        ...explanation('selects', `It lets ${names} through: the edge is ${edge.kind}, and passes nothing to calls.`),
        ...described,
      };
    }
    const picked = parents.filter((each) => this.verdicts.group(edge, each).includes(element));
    const first = picked[0];
    if (first === undefined) return this.notPicked(element, up, parents[0] as Taken);
    const why = this.why(parent, { element: first.element, position: first.position, problem: undefined });
    const sentence = `It belongs to ${this.nameOf(parent)} ${positions(picked)}, which ${picked.length === 1 ? 'has' : 'have'} no call:`;
    return { ...explanation(why.reason === 'undecided' ? 'undecided' : 'parent', sentence), ...described, parent: why };
  }

  /** The element has no match that it needs, or has one that it must not have. */
  private failed(element: Taken, edge: EdgeSpec, match: Taken | undefined): Explanation {
    const up = { parent: element.node, edge };
    const child = this.nameOf(edge.child);
    if (match !== undefined) {
      const described = this.edgeOf(up, element, edge.left, undefined, match);
      const sentence = `${child} ${match.position} excludes it: ${described.condition}, and the edge is ${edge.kind}.`;
      return { ...explanation('excluded', sentence), edge: described };
    }
    const around = this.verdicts.aroundParent(edge, element);
    const described = this.edgeOf(up, element, edge.left, around, undefined);
    const others = around.others > 0 ? this.othersWords(edge, around.others, child) : undefined;
    const sentence = `No ${child} matches it: ${this.needWords(described)}; ${others ?? nearWords(described, child)}.`;
    return { ...this.undecidedIf(around, edge.child, 'no match', sentence), edge: described };
  }

  private passedOver(element: Taken, up: Up): Explanation {
    const parent = this.nameOf(up.parent);
    const around = this.verdicts.aroundChild(up.parent, up.edge, element);
    const described = this.edgeOf(up, element, up.edge.right, around, undefined);
    const others = around.others > 0 ? `${around.others} with this key differ in a value of on` : undefined;
    const sentence = `No ${parent} matches it: ${this.needWords(described)}; ${others ?? nearWords(described, parent)}.`;
    return { ...this.undecidedIf(around, up.parent, 'passed over', sentence), edge: described };
  }

  private notPicked(element: Taken, up: Up, parent: Taken): Explanation {
    const [taken] = this.verdicts.group(up.edge, parent);
    const described = this.edgeOf(up, element, up.edge.right, undefined, taken);
    const [parentName, name] = [this.nameOf(up.parent), this.nameOf(element.node)];
    const instead =
      taken === undefined ? 'no other' : `${name} ${taken.position}, whose key is ${described.match?.key}`;
    const sentence = `${parentName} ${parent.position} takes ${instead}: the edge is ${up.edge.matching.name}.`;
    return { ...explanation('not picked', sentence), edge: described };
  }

  private edgeOf(
    { parent, edge }: Up,
    element: Taken,
    side: KeySource,
    around: Neighbours | undefined,
    match: Taken | undefined,
  ): WhyEdge {
    const otherSide = side === edge.left ? edge.right : edge.left;
    const neighbour = (taken: Taken | undefined, source: KeySource): WhyNeighbour | undefined =>
      taken && { message: this.nameOf(taken.node), position: taken.position, key: shownKey(source, taken) };
    const on = edge.on.map(([left, right]) => `, ${left} = ${right}`).join('');
    return {
      parent: this.nameOf(parent),
      child: this.nameOf(edge.child),
      condition: `${edge.matching.describe(String(edge.left), String(edge.right))}${on}`,
      key: shownKey(side, element),
      below: neighbour(around?.below, otherSide),
      above: neighbour(around?.above, otherSide),
      others: around?.others ?? 0,
      match: neighbour(match, edge.right),
    };
  }

  private needWords({ condition, key }: WhyEdge): string {
    return `${condition}, its key is ${key}`;
  }

  private othersWords({ on }: EdgeSpec, others: number, child: string): string {
    const why = on.length > 0 ? 'differ in a value of on, or have no match themselves' : 'have no match themselves';
    return `${others} ${child} with this key ${why}`;
  }

  /** If the stream may still bring a match, the outcome is undecided. */
  private undecidedIf({ above }: Neighbours, node: number, reason: WhyReason, sentence: string): Explanation {
    // Elements after the position where the run fails are not considered.
    if (above === undefined && this.trace.failure?.node === node) return explanation('not read', this.endWords());
    const mayCome = above === undefined && !this.trace.isOver && this.streams[node]!.isOpen;
    return explanation(
      mayCome ? 'undecided' : reason,
      mayCome ? `${sentence} More of ${this.nameOf(node)} may arrive.` : sentence,
    );
  }

  private undecidedOr(reason: WhyReason, sentence: string): Explanation {
    const { isOver, failure } = this.trace;
    if (failure !== undefined) return explanation('not read', this.endWords());
    if (isOver) return explanation(reason, sentence);
    const open = this.spec.nodes.filter((_, node) => this.streams[node]!.isOpen).map(({ name }) => name);
    return explanation('undecided', `It is not decided yet: more of ${open.join(' or ')} must arrive first.`);
  }

  private endWords(): string {
    const { failure, because } = this.trace;
    if (failure !== undefined) {
      return `The run fails before it reaches this one: at ${this.nameOf(failure.node)} ${failure.position}, which ${failure.what}.`;
    }
    const name = this.nameOf(because ?? 0);
    if (because === 0) return `It is not read: ${name} has ended, and the run with it.`;
    return `It is not read: the run ends early, since ${name} has no element left that could match.`;
  }

  private decidedWords(): string {
    const windows = this.spec.window === undefined ? '' : 'its window is closed, or ';
    return `An earlier run had ended, and its decisions are final: ${windows}what it matches was appended later.`;
  }

  private windowWords(): string {
    return this.spec.window === undefined ? this.endWords() : 'No window takes it.';
  }

  private lateWords(node: number, element: object): string {
    const position = this.streams[node]!.values.find((value) => value.element === element)!.position;
    const late: Taken = { node, element, position, isUnread: false };
    const sources = this.sources[node]!;
    const invalid = withoutKey(sources, late);
    if (invalid !== undefined)
      return `its key ${keyInErrors(invalid)} is ${shownKey(invalid, late)}, which cannot be compared`;
    const { order } = this.spec.nodes[node]!;
    for (const source of sources.ordered) {
      const before = this.verdicts.taken[node]!.filter((other) => makesLate(order, source, other, late));
      const [first] = before.sort((one, other) => one.position - other.position);
      if (first === undefined) continue;
      const name = `${this.nameOf(node)} ${first.position}`;
      const relation = relationWords(order, source, keyOf(source, late), keyOf(source, first));
      return `its key ${keyInErrors(source)} is ${shownKey(source, late)}, ${relation} ${shownKey(source, first)} of ${name}`;
    }
    return 'its key is lower than one before it';
  }

  private callsWords(calls: NonNullable<ReturnType<Trace['calls']['get']>>): string {
    const name = this.nameOf(0);
    const shown = calls
      .slice(0, 3)
      .map(({ from, to }) => (from === to ? `${name} ${from}` : `${name} ${from} to ${to}`));
    if (calls.length > shown.length) shown.push(`${calls.length - shown.length} more`);
    return `It is passed to ${calls.length === 1 ? 'the call' : `${calls.length} calls`} for ${shown.join(', ')}.`;
  }

  private skips(node: number): boolean {
    return this.spec.nodes[node]!.order.policy !== 'fail';
  }

  private elementsOf(node: number): readonly Taken[] {
    const elements = elementsBefore(this.streams[node]!);
    const taken = this.trace.taken[node]!;
    return elements.map(({ element, position }, i) => ({
      node,
      element: element as object,
      position,
      isUnread: i >= taken,
    }));
  }

  private nameOf(node: number): string {
    return (this.spec.nodes[node] as NodeSpec).name;
  }
}

function explanation(reason: WhyReason, sentence: string): Explanation {
  return { reason, sentence };
}

function upOf(nodes: readonly NodeSpec[], child: number): Up | undefined {
  for (const [parent, { edges }] of nodes.entries()) {
    const edge = edges.find((each) => each.child === child);
    if (edge !== undefined) return { parent, edge };
  }
  return undefined;
}

/** Why a key is late, with respect to one before it. */
function relationWords(order: OrderPolicy, source: KeySource, key: Key, before: Key): string {
  if (!comparable(key, before)) return 'which cannot be compared with';
  const slack = slackOf(order, source);
  return slack > 0 ? `more than the slack of ${slack} below` : 'after';
}

function shownKey(source: KeySource, { element }: Taken): string {
  return printKey(source.evaluate(element));
}

function positions(elements: readonly Taken[]): string {
  const shown = elements.slice(0, 3).map(({ position }) => position);
  return elements.length > shown.length
    ? `${shown.join(', ')} and ${elements.length - shown.length} more`
    : shown.join(', ');
}

function nearWords({ below, above }: WhyEdge, name: string): string {
  const near = [below, above].map((each) =>
    each === undefined ? undefined : `${each.key} (${name} ${each.position})`,
  );
  if (near[0] === undefined && near[1] === undefined) return `there is no ${name}`;
  return `the keys next to it are ${near.map((each) => each ?? 'none').join(' and ')}`;
}
