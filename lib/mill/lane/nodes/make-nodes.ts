import { hasGroups } from '../../../joins/join-kind.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';
import type { LaneVector } from '../../resume/lane-vector.js';
import type { KeyDomain } from '../keys/key-domain.js';
import type { KeyTrack } from '../keys/key-track.js';
import { NodeKeys, type WindowKey } from '../keys/node-keys.js';
import { type OnKeys, onDomains, onKeysOf } from '../keys/on-keys.js';
import type { EdgeSpec, LaneSpec, NodeSpec } from '../lane-spec.js';
import { arithmeticOfWindow } from '../windows/make-windows.js';
import { LaneEdge, LaneNode } from './lane-tree.js';

/** Makes the nodes of a lane and the edges between them, in the order of the spec. */
export function makeNodes(spec: LaneSpec, vector: LaneVector | undefined): readonly LaneNode[] {
  const nodes: LaneNode[] = [];
  const visit = (
    index: number,
    up: EdgeSpec | undefined,
    domain: KeyDomain | undefined,
    upOn: OnKeys | undefined,
    reachesCalls: boolean,
  ): LaneNode => {
    const nodeSpec = spec.nodes[index] as NodeSpec;
    const domains = nodeSpec.edges.map(onDomains);
    const ons = nodeSpec.edges.map((edge, i) => onKeysOf(edge, 0, domains[i] as readonly KeyDomain[]));
    const isMaster = index === 0;
    const windowBy = isMaster ? spec.window?.by : undefined;
    const keys = new NodeKeys(nodeSpec, up?.right, domain, isMaster ? windowKey(spec) : undefined, windowBy, upOn, ons);
    const node = new LaneNode(
      index,
      nodeSpec,
      keys,
      vector?.nodes[index],
      reachesCalls,
      isMaster ? vector?.done.cursor[0] : undefined,
    );
    nodes[index] = node;
    nodeSpec.edges.forEach((edgeSpec, i) => {
      // Both sides of an edge share one domain: keys of another type are an error on either side.
      const left = keys.lefts[i] as KeyTrack;
      left.domain.unit ??= edgeSpec.matching.unit;
      const childOn = onKeysOf(edgeSpec, 1, domains[i] as readonly KeyDomain[]);
      const child = visit(edgeSpec.child, edgeSpec, left.domain, childOn, reachesCalls && hasGroups(edgeSpec.kind));
      const edge = new LaneEdge(edgeSpec, i, node, child);
      node.edges.push(edge);
      if (edge.hasGroups) node.groupEdges.push(edge);
      child.up = edge;
      child.held.recycles = child.isLeaf && !edge.unmatched && edge.matching.pick === 'all';
    });
    return node;
  };
  visit(0, undefined, undefined, undefined, true);
  return nodes;
}

export function windowKey({ window }: LaneSpec): WindowKey | undefined {
  if (window === undefined || !('key' in window)) return undefined;
  const { key, unit } = kindOf(window);
  return {
    source: window.key,
    ordered: key === 'ordered',
    unit: unit(window),
    arithmetic: arithmeticOfWindow(window),
  };
}
