import {
  countWindow,
  Field,
  hoppingWindow,
  type Joined,
  joinStreams,
  joinWith,
  Message,
  type MessageClass,
  message,
  processFunction,
  sessionWindow,
  slidingWindow,
  window,
} from 'watermill';
import {
  type Element,
  type Expected,
  nodesOf,
  orderedFields,
  type Shown,
  type TestEdge,
  type TestMatch,
  type TestNode,
  type TestWindow,
} from '../../oracle/tree.js';

/** The elements of a call, as text. */
@Message()
export class Call {
  @Field() text!: string;
}

export interface TreeMill {
  /** By the names of the nodes. */
  readonly classes: ReadonlyMap<string, MessageClass<any>>;
  /** It returns one `Call` for each of its calls. */
  readonly process: any;
  readonly inputs: any;
}

/** Called with the arguments of a call, after they were recorded. */
export type AfterCall = (given: readonly unknown[]) => void;

/** A random tree as a user would write it: classes, a join tree, a process function, and policies of the inputs. */
export function treeMill(root: TestNode, afterCall: AfterCall = () => {}): TreeMill {
  const classes = new Map<string, MessageClass<any>>();
  declareClasses(root, undefined, classes);
  const source = sourceOf(root, classes);
  const tell = (expected: Expected): Call => message(Call, { text: JSON.stringify(expected) });
  const unmatched = root.edges
    .filter((edge) => edge.unmatched)
    .map(({ child: { name } }) => {
      const lonely = ({ id }: Element): Call => {
        const told = tell({ unmatched: name, id });
        afterCall([]);
        return told;
      };
      return [classes.get(name), lonely];
    });
  const process = processFunction(
    source as any,
    { emits: [Call], unmatched } as any,
    ((master: Element | Element[], ...joined: Joined<any, any>[]) => {
      const told = tell({ call: [master].flat().map((element) => shown(root, element, [...joined])) });
      afterCall([master, ...joined]);
      return told;
    }) as any,
  );
  const inputs = nodesOf(root).flatMap(({ name, order }) => {
    if (order.policy === 'fail') return [];
    const isSlack = order.policy === 'slack';
    return [[classes.get(name), { order: isSlack ? { slack: order.slack, by: keyOf(order.by) } : 'skip' }]];
  });
  return { classes, process, inputs };
}

/** All keys are fields of any JSON, including tuples and invalid keys. */
function declareClasses(node: TestNode, up: TestEdge | undefined, classes: Map<string, MessageClass<any>>): void {
  const made = { [node.name]: class {} }[node.name] as MessageClass<any>;
  Field(() => String)(made.prototype, 'id');
  for (const name of new Set([...orderedFields(node, up), 'a', 'b', 'v', 'w', 'adjacent'])) {
    Field(() => Object, { optional: true })(made.prototype, name);
  }
  Message({ name: node.name })(made);
  classes.set(node.name, made);
  for (const edge of node.edges) declareClasses(edge.child, edge, classes);
}

const keyOf = (name: string) => (element: Element) => element[name];

function sourceOf(node: TestNode, classes: ReadonlyMap<string, MessageClass<any>>): unknown {
  const owner = classes.get(node.name) as MessageClass<any>;
  const master = node.window === undefined ? owner : windowOf(owner, node.window);
  if (node.edges.length === 0) return master;
  const edges = node.edges.map(({ child, kind, match, left, right, on }) =>
    joinWith(
      sourceOf(child, classes) as any,
      {
        left: keyOf(left),
        right: keyOf(right),
        kind,
        ...waysOf(match),
        on: on.map(([of, to]) => [keyOf(of), keyOf(to)]),
      } as any,
    ),
  );
  return joinStreams(master as any, ...(edges as any));
}

function waysOf(match: TestMatch): object {
  if (match.type === 'equal') return {};
  if (match.type === 'within') return { within: [match.low, match.high] };
  return { asOf: match.direction, ...(match.tolerance !== undefined && { tolerance: match.tolerance }) };
}

function windowOf(owner: MessageClass<any>, described: TestWindow): unknown {
  const key = 'key' in described ? (keyOf(described.key) as any) : undefined;
  const by = described.by === undefined ? {} : { by: keyOf(described.by) as any };
  switch (described.type) {
    case 'expression':
      return window(owner, key, by);
    case 'hopping':
      return hoppingWindow(owner, key, {
        size: described.size,
        every: described.every,
        offset: described.offset,
        ...by,
      });
    case 'sliding':
      return slidingWindow(owner, key, { size: described.size, ...by });
    case 'session':
      return sessionWindow(owner, key, { gap: described.gap, ...by });
    case 'count':
      return countWindow(owner, { size: described.size, every: described.every, ...by });
    default:
      throw new Error('A batch window closes by the clock.');
  }
}

/** `joined` has one entry per edge that has groups, depth first. */
function shown(node: TestNode, element: Element, joined: Joined<any, any>[]): Shown {
  const giving = node.edges.filter(({ kind }) => kind === 'inner' || kind === 'left');
  const groups = giving.map(({ child }) => {
    const found = (joined.shift() as Joined<any, any>).of(element);
    const below = joined.splice(0, groupsBelow(child));
    return found.map((each) => shown(child, each, [...below]));
  });
  return { id: element.id, groups };
}

/** Returns the number of edges below a node that have groups. */
function groupsBelow(node: TestNode): number {
  return node.edges
    .filter(({ kind }) => kind === 'inner' || kind === 'left')
    .reduce((sum, { child }) => sum + 1 + groupsBelow(child), 0);
}
