import type { Class, MessageClass } from '../../../base/class.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { hasGroups } from '../../../joins/join-kind.js';
import { isMessageClass } from '../../../messages/schema.js';
import { describeValue } from '../in-words.js';
import type { UnmatchedPlan } from '../plan.js';
import { emitsOfMethod } from './find-emits.js';
import type { FoundFunction, FoundMethod, FoundProcess } from './find-process.js';
import type { FoundTables } from './found-tables.js';
import { injectedOfMethod } from './injected-parameter.js';
import { missingMetadata, readMetadata } from './metadata.js';
import type { UnmatchedNote } from './process-description.js';
import type { TreeNode } from './tree-nodes.js';

/** The receivers of elements in no group, and the classes that only they emit. */
export interface FoundUnmatched {
  readonly unmatched: readonly UnmatchedPlan[];
  readonly emits: readonly MessageClass<any>[];
}

export function findUnmatched(process: FoundProcess, nodes: readonly TreeNode[], tables: FoundTables): FoundUnmatched {
  const found =
    process.what === 'function' ? unmatchedFunctions(process, nodes) : unmatchedMethods(process, nodes, tables);
  const taken = new Set<number>();
  for (const { node, name } of found.unmatched) {
    if (taken.has(node))
      throw refused(`${name}: ${nodes[node]!.name} has an unmatched method already. Leave one of them out.`);
    taken.add(node);
  }
  return found;
}

function unmatchedFunctions(process: FoundFunction, nodes: readonly TreeNode[]): FoundUnmatched {
  const given: unknown = process.settings.unmatched ?? [];
  if (!Array.isArray(given)) {
    throw new WaterMillError(
      'WM_PROCESS_FUNCTION',
      `${process.name}: unmatched: expected an array of entries [Class, function], found ${describeValue(given)}.`,
    );
  }
  const unmatched = Array.from(given, (entry): UnmatchedPlan => {
    const [message, callee] = Array.isArray(entry) ? entry : [];
    if (typeof callee !== 'function') {
      throw new WaterMillError(
        'WM_PROCESS_FUNCTION',
        `${process.name}: an entry of unmatched is [Class, function], found ${describeValue(callee)} as its function.`,
      );
    }
    const name = `the unmatched function of ${process.name}`;
    return { node: childOf(message, name, nodes), name, callee, injected: [] };
  });
  return { unmatched, emits: [] };
}

function unmatchedMethods(process: FoundMethod, nodes: readonly TreeNode[], tables: FoundTables): FoundUnmatched {
  const isOpen = process.settings.emits === undefined;
  const found = process.unmatched.map((note) => unmatchedMethod({ process, note, nodes, tables, isOpen }));
  return { unmatched: found.map((each) => each.plan), emits: found.flatMap((each) => each.emits) };
}

interface UnmatchedParts {
  readonly process: FoundMethod;
  readonly note: UnmatchedNote;
  readonly nodes: readonly TreeNode[];
  readonly tables: FoundTables;
  /** The classes of the results are determined by return annotations, so also by this method's. */
  readonly isOpen: boolean;
}

function unmatchedMethod(parts: UnmatchedParts) {
  const { process, note, nodes, tables, isOpen } = parts;
  const name = `${process.className}.${String(note.key)}`;
  const { parameters, returns } = readMetadata(process.prototype, note.key);
  if (note.message === undefined && parameters === undefined)
    throw missingMetadata(name, 'parameters', '@Unmatched(Class)');
  if (note.message === undefined && parameters?.length === 0) {
    throw refused(`${name} has no parameter. Its first one is the unmatched element: declare ${childrenOf(nodes)}.`);
  }
  const node = childOf(note.message ?? parameters?.[0], name, nodes);
  const method = { process, key: note.key, name, tables };
  const injected = (parameters ?? []).slice(1).map((type, i) => injectedOfMethod(method, i + 1, type));
  const plan: UnmatchedPlan = { node, name, callee: note.key, injected };
  if (isOpen) return { plan, emits: emitsOfMethod(process, note.key, name) };
  return { plan, emits: isMessageClass(returns) ? [returns] : [] };
}

/** The names of the classes that an unmatched method may be for. */
function childrenOf(nodes: readonly TreeNode[]): string {
  return nodes[0]!.edges.map((each) => nodes[each.child]!.name).join(', ') || 'none';
}

/** The child of the master that an unmatched method is for; its edge must give whole groups. */
function childOf(message: unknown, name: string, nodes: readonly TreeNode[]): number {
  const node = nodes.find((each) => each.message === (message as Class));
  const edge = nodes[0]!.edges.find((each) => each.child === node?.index);
  if (node === undefined || edge === undefined) {
    const place =
      node === undefined
        ? 'is not a node of the join tree'
        : node.index === 0
          ? 'is the master'
          : "is deeper than the master's children";
    throw refused(
      `${name}: ${describeValue(message)} ${place}. Only the master's own children can have unmatched elements: ${childrenOf(nodes)}.`,
    );
  }
  if (!hasGroups(edge.kind))
    throw refused(
      `${name}: the edge to ${node.name} is of kind ${edge.kind}, which has no groups. Make it inner or left.`,
    );
  if (edge.matching.pick !== 'all') {
    throw refused(
      `${name}: the edge to ${node.name} is an as-of join, which passes over most elements. Match equal keys, or an interval (within).`,
    );
  }
  return node.index;
}

function refused(sentence: string): WaterMillError {
  return new WaterMillError('WM_UNMATCHED', sentence);
}
