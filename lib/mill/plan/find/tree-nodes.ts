import type { Class, MessageClass } from '../../../base/class.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { checkClass } from '../../../joins/key-checks.js';
import { brokenShapeLaw } from '../../../joins/matching/shape-law.js';
import { isTree, type Join } from '../../../joins/tree.js';
import { checkedSchemaOf } from '../../../messages/schema.js';
import { describeValue } from '../in-words.js';
import type { PlanEdge } from '../plan.js';
import type { SourceParts } from './find-source.js';

/** A node of the tree, before its stream and policies are known. */
export interface TreeNode {
  readonly index: number;
  readonly name: string;
  readonly message: MessageClass<any>;
  readonly edges: readonly PlanEdge[];
}

/** Numbers the nodes of a tree depth first. Every node has a unique class and name. */
export function numberNodes(source: SourceParts): TreeNode[] {
  const nodes: TreeNode[] = [];
  /** The edges that lead to the current tree, to detect a loop. */
  const around = new Set<unknown>();

  function addNode(message: Class, joins: readonly Join<any, any>[]): number {
    if (around.has(joins)) throw loopOver(message);
    const edges: PlanEdge[] = [];
    const index = nodes.length;
    nodes.push({ index, name: nameOfNode(message, nodes), message: message as MessageClass, edges });
    around.add(joins);
    for (const join of joins) edges.push(addEdge(index, message, join));
    around.delete(joins);
    return index;
  }

  function addEdge(parent: number, parentClass: Class, join: Join<any, any>): PlanEdge {
    checkEdge(join, parentClass);
    const below = join.child;
    const child = isTree(below) ? addNode(below.master, below.edges) : addNode(below, []);
    const { kind, matching, left, right, on } = join;
    return { parent, child, kind, matching, left, right, on, unmatched: false };
  }

  addNode(source.master, source.edges);
  return nodes;
}

function loopOver(message: Class): WaterMillError {
  return new WaterMillError(
    'WM_NODE_TWICE',
    `The join tree over ${message.name} contains itself. Make trees with joinStreams(…), whose trees are finished before they are used.`,
    { message: message.name },
  );
}

function nameOfNode(message: Class, nodes: readonly TreeNode[]): string {
  const name = checkedSchemaOf(message).name;
  const other = nodes.find((node) => node.message === message || node.name === name);
  if (other === undefined) return name;
  const sentence =
    other.message === message
      ? `${name} occurs twice in the join tree. Every node has its own class, so that ` +
        `parameters and entries can tell them apart: class Next${name} extends alias(${message.name}, 'Next${name}') {}, ` +
        'with the same stream in its entry.'
      : `Two classes in the join tree are called ${name}. Reports, plans and kept progress go by the name: ` +
        `write @Message({ name: '…' }) above one of them.`;
  throw new WaterMillError('WM_NODE_TWICE', sentence, { message: name });
}

/** Throws for an invalid edge, as a tree that was not made by `joinStreams` may have. */
function checkEdge(join: Join<any, any>, parent: Class): void {
  const isEdge =
    (join as Partial<Join<any, any>> | undefined)?.what === 'join' &&
    typeof join.left?.evaluate === 'function' &&
    typeof join.right?.evaluate === 'function' &&
    typeof join.matching?.low === 'function';
  if (!isEdge) {
    throw new WaterMillError(
      'WM_TREE',
      `An edge below ${parent.name}: expected what joinWith(…) returns, found ${describeValue(join)}. Make the tree with joinStreams(…) and joinWith(…).`,
    );
  }
  const child = isTree(join.child) ? join.child.master : join.child;
  const edge = `${parent.name} to ${child?.name}`;
  checkClass(join.left, parent, `The left key of the edge from ${edge}`);
  checkClass(join.right, child, `The right key of the edge from ${edge}`);
  const broken = brokenShapeLaw(join.matching);
  if (broken === undefined) return;
  throw new WaterMillError(
    'WM_TREE',
    `The edge from ${edge}: the matching ${join.matching.name} cannot be used: ${broken}. Leave out its shape: then the general machine runs it.`,
  );
}
