import { WaterMillError } from '../../../base/watermill-error.js';
import { Joined } from '../../../joins/joined.js';
import { counted } from '../in-words.js';
import type { FoundMethod } from './find-process.js';
import { type GroupEdge, groupEdges } from './group-edges.js';
import { printType } from './metadata.js';
import type { TreeNode } from './tree-nodes.js';

/** The number of edges that the `Joined` parameters cover. A rest parameter covers all remaining ones. */
export function countJoined(process: FoundMethod, types: readonly unknown[], edges: number): number {
  const named = types.filter((type) => type === Joined).length;
  if (!hasRestOfJoined(process, types)) return named;
  return Math.max(edges, types.at(-1) === Joined ? named - 1 : named);
}

/** `...joined: Joined<A, B>[]`: the metadata has Joined (tsc) or Array (swc), and `length` does not count it. */
export function hasRestOfJoined(process: FoundMethod, types: readonly unknown[]): boolean {
  const last = types.at(-1);
  return types.length > 1 && (last === Joined || last === Array) && methodLength(process) === types.length - 1;
}

/** The number of parameters of a method. An override may have replaced the decorated one. */
export function methodLength(process: FoundMethod): number {
  return ((process.prototype as Record<string | symbol, unknown>)[process.callee] as Function).length;
}

/**
 * Throws if the number of `Joined` parameters differs from that of the edges that give groups; `types` are those of the
 * parameters.
 */
export function expectJoined(
  process: FoundMethod,
  found: number,
  { nodes, edges }: { readonly nodes: readonly TreeNode[]; readonly edges: readonly GroupEdge[] },
  types: readonly unknown[],
): void {
  if (found === edges.length) return;
  const expected = edges.map(({ edge }) => `Joined<${nodes[edge.parent]!.name}, ${nodes[edge.child]!.name}>`);
  const fix =
    expected.length === 0
      ? groupEdges(nodes).length > 0
        ? 'A folded window passes its accumulator alone, the groups go to add: leave the parameter out.'
        : nodes.length === 1
          ? 'There is no join: give the mill a joinTree, or leave the parameter out.'
          : 'Semi and anti edges only select and have no groups: leave the parameter out.'
      : `Declare, after the master, ${expected.join(', ')}.${erased(found < edges.length ? types : [])}`;
  throw new WaterMillError(
    'WM_JOINED_COUNT',
    `${process.name} has ${counted(found, 'parameter')} of type Joined, and the source has ${counted(edges.length, 'edge')} that ${edges.length === 1 ? 'has' : 'have'} groups. ${fix}`,
    { expected: expected.join(', ') || 'none', found: `${found}` },
  );
}

/** `import { type Joined }` leaves no trace of the class in the metadata, although it is in the source. */
function erased(types: readonly unknown[]): string {
  const index = types.findIndex((type, i) => i > 0 && (type === Object || type === Function || type === undefined));
  if (index < 0) return '';
  return (
    ` Metadata shows only ${printType(types[index])} as the type of parameter ${index + 1}: if it is declared as Joined, import it ` +
    "without `type`, import { Joined } from 'watermill'; or do without metadata: @Process(source, { inject: […], emits: […] })."
  );
}
