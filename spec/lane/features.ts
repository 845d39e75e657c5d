import { nodesOf, type TestEdge, type TestNode } from '../oracle/tree.js';

/** Returns the features of a tree, in words: kinds, ways of matching, windows, order policies. */
export function featuresOf(root: TestNode): Set<string> {
  const features = new Set<string>();
  for (const node of nodesOf(root)) {
    features.add(`order: ${node.order.policy}`);
    for (const edge of node.edges) for (const feature of edgeFeatures(edge)) features.add(feature);
  }
  const { window } = root;
  features.add(`window: ${window?.type ?? 'none'}`);
  if (window?.by !== undefined) features.add(`by value: ${window.type}`);
  if (window?.folded) features.add('folded');
  return features;
}

function edgeFeatures({ kind, match, on, unmatched }: TestEdge): string[] {
  const features: string[] = [kind];
  if (match.type === 'asOf') {
    features.push(`as of, ${match.direction}, ${match.tolerance === undefined ? 'any distance' : 'tolerance'}`);
  } else {
    features.push(match.type);
  }
  if (on.length > 0) features.push('on');
  if (unmatched) features.push('unmatched');
  return features;
}
