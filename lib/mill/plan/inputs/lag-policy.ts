import { namesakeAdvice } from '../../../base/namesake.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { Expression } from '../../../expressions/expression.js';
import { distanceType } from '../../../expressions/value-type.js';
import type { TreeNode } from '../find/tree-nodes.js';
import { describeValue } from '../in-words.js';
import type { InputOptions } from '../input-options.js';
import { checkNames } from '../option-checks.js';
import type { LagPolicy } from '../plan.js';
import { wrongInput } from './wrong-input.js';

export function lagPolicy(
  whose: string,
  given: InputOptions<any>['lag'],
  node: TreeNode,
  nodes: readonly TreeNode[],
): LagPolicy | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null) {
    throw wrongInput(`${whose}: lag`, '{ behind, threshold, onDown, onUp }', given);
  }
  checkNames(given, ['behind', 'threshold', 'onDown', 'onUp'], `${whose}: lag`);
  const { behind, threshold, onDown, onUp } = given;
  const other = nodes.find(({ message }) => message === behind);
  if (other === undefined || other === node) {
    const others = nodes.filter((each) => each !== node);
    const names = others.map(({ name }) => name);
    throw wrongInput(
      `${whose}: lag.behind`,
      `another class that is read (${names.join(', ') || 'there is none'})`,
      behind,
      'WM_INPUTS',
      namesakeAdvice(
        behind,
        others.map(({ message }) => message),
      ),
    );
  }
  const [own, theirs] = keysOf(whose, node, other, nodes);
  const distance = distanceType(own.valueType) || undefined;
  const isDistance = (typeof threshold === 'number' || typeof threshold === 'bigint') && threshold >= 0;
  if (!isDistance || (distance !== undefined && typeof threshold !== distance)) {
    throw wrongInput(
      `${whose}: lag.threshold`,
      `a ${distance ?? 'number or bigint'}, 0 or more, to go with ${own}`,
      threshold,
    );
  }
  for (const [name, fn] of Object.entries({ onDown, onUp })) {
    if (fn !== undefined && typeof fn !== 'function') throw wrongInput(`${whose}: lag.${name}`, 'a function', fn);
  }
  return Object.freeze({ behind: other.index, threshold, onDown, onUp, own, other: theirs });
}

/** The keys by which two nodes are joined: with each other, or each with its own parent. */
function keysOf(whose: string, node: TreeNode, other: TreeNode, nodes: readonly TreeNode[]) {
  const edges = nodes.flatMap((each) => each.edges);
  const between = edges.find(({ parent, child }) => parent === other.index && child === node.index);
  const back = edges.find(({ parent, child }) => parent === node.index && child === other.index);
  const keys =
    between !== undefined
      ? ([between.right, between.left] as const)
      : back !== undefined
        ? ([back.left, back.right] as const)
        : ([keyOf(node, edges), keyOf(other, edges)] as const);
  for (const key of keys) {
    if (distanceType(key.valueType) !== false) continue;
    throw new WaterMillError(
      'WM_INPUTS',
      `${whose}: lag needs keys that have distances, numbers, bigints or Dates, and ${key} is ${describeValue(key.valueType)}. Leave lag out.`,
    );
  }
  return keys;
}

function keyOf(node: TreeNode, edges: readonly TreeNode['edges'][number][]): Expression<any, any> {
  const above = edges.find(({ child }) => child === node.index);
  return (above?.right ?? node.edges[0]?.left) as Expression<any, any>;
}
