import { WaterMillError } from '../../../base/watermill-error.js';
import { Joined } from '../../../joins/joined.js';
import { isMessageClass } from '../../../messages/schema.js';
import { counted, printToken } from '../in-words.js';
import type { ParameterPlan } from '../plan.js';
import { callValues } from './call-values.js';
import type { FoundMethod, FoundProcess } from './find-process.js';
import type { SourceParts } from './find-source.js';
import type { FoundTables } from './found-tables.js';
import { type GroupEdge, groupEdges } from './group-edges.js';
import { injectedParameter, refuseBlank } from './injected-parameter.js';
import { countJoined, expectJoined, hasRestOfJoined, methodLength } from './joined-count.js';
import { checkMasterParameter } from './master-parameter.js';
import { missingMetadata, printType, readMetadata, whyNoToken } from './metadata.js';
import type { TreeNode } from './tree-nodes.js';

/** The part of a mill that is known when its parameters are resolved. */
interface Surroundings {
  readonly process: FoundProcess;
  readonly source: SourceParts;
  readonly nodes: readonly TreeNode[];
  readonly tables: FoundTables;
}

/** The values of the process's parameters: by `inject` if it is given, otherwise by the metadata of the method. */
export function findParameters(
  process: FoundProcess,
  source: SourceParts,
  nodes: readonly TreeNode[],
  tables: FoundTables,
): ParameterPlan[] {
  const surroundings = { process, source, nodes, tables };
  if (process.what === 'method' && process.settings.inject === undefined) return fromMetadata(process, surroundings);
  const parameters = fromTokens(surroundings, process.settings.inject ?? []);
  if (process.what === 'method') checkAgainstMetadata(process, surroundings);
  return parameters;
}

function fromTokens(surroundings: Surroundings, tokens: readonly unknown[]): ParameterPlan[] {
  const { process } = surroundings;
  if (!Array.isArray(tokens)) {
    throw new WaterMillError(
      'WM_PROCESS_FUNCTION',
      `${process.name}: inject must be an array of tokens, one per parameter.`,
    );
  }
  const joined = givenEdges(surroundings).map(joinedParameter);
  const first = joined.length + 2;
  const injected = tokens.map((token, i) => tokenParameter(surroundings, first + i, token));
  const parameters: ParameterPlan[] = [{ what: 'master' }, ...joined, ...injected];
  const declared = process.what === 'function' ? process.callee.length : methodLength(process);
  if (declared > parameters.length) {
    const { nodes } = surroundings;
    const remedy =
      nodes.length > groupEdges(nodes).length + 1
        ? 'Semi and anti edges only select: leave out a parameter for their groups, and name what else is missing in inject.'
        : 'Name what is missing in inject.';
    throw new WaterMillError(
      'WM_PARAMETER',
      `${process.name} has ${counted(declared, 'parameter')} and receives ${parameters.length}: ` +
        `the master, ${joined.length} Joined and ${tokens.length} of inject. ${remedy}`,
      { expected: `${parameters.length} parameters`, found: `${declared}` },
    );
  }
  return parameters;
}

/** `inject` makes metadata unnecessary; if there is some, the master and the number of `Joined` must still match. */
function checkAgainstMetadata(process: FoundMethod, surroundings: Surroundings): void {
  const { source, nodes } = surroundings;
  const types = readMetadata(process.prototype, process.callee).parameters;
  if (types === undefined || types.length === 0) return;
  if (whyNoToken(types[0]) === undefined) checkMasterParameter(process.name, types[0], source, nodes);
  if (types.includes(Joined)) {
    const edges = givenEdges(surroundings);
    expectJoined(process, countJoined(process, types, edges.length), { nodes, edges }, types);
  }
}

function fromMetadata(process: FoundMethod, surroundings: Surroundings): ParameterPlan[] {
  const { source, nodes } = surroundings;
  const types = readMetadata(process.prototype, process.callee).parameters;
  if (types === undefined) throw missingMetadata(process.name, 'parameters');
  checkMasterParameter(process.name, types[0], source, nodes);
  const edges = givenEdges(surroundings);
  expectJoined(process, countJoined(process, types, edges.length), { nodes, edges }, types);
  const parameters: ParameterPlan[] = [{ what: 'master' }];
  const joined = edges.map(joinedParameter);
  const fixed = hasRestOfJoined(process, types) ? types.slice(0, -1) : types;
  for (let i = 1; i < fixed.length; i++) {
    parameters.push(fixed[i] === Joined ? joined.shift()! : methodParameter(process, surroundings, i, fixed[i]));
  }
  return [...parameters, ...joined];
}

/** The edges whose groups a call gets: none if the window is folded. */
function givenEdges({ source, nodes }: Pick<Surroundings, 'source' | 'nodes'>): GroupEdge[] {
  return source.fold === undefined ? groupEdges(nodes) : [];
}

function joinedParameter({ edge, number }: GroupEdge): ParameterPlan {
  return { what: 'joined', parent: edge.parent, edge: number };
}

function methodParameter(process: FoundMethod, around: Surroundings, index: number, type: unknown): ParameterPlan {
  const note = process.tokens.find((each) => each.key === process.callee && each.index === index);
  if (note !== undefined) return tokenParameter(around, index + 1, note.token);
  refuseMessageClass(process, around, index, type);
  refuseBlank(process.name, index, type);
  return tokenParameter(around, index + 1, type);
}

/** Throws for a parameter of a message class: it is not injected, but was meant as a group, or as the master. */
function refuseMessageClass(process: FoundMethod, { nodes }: Surroundings, index: number, type: unknown): void {
  if (!isMessageClass(type)) return;
  const name = printType(type);
  const edge = groupEdges(nodes).find(({ edge }) => nodes[edge.child]!.message === type)?.edge;
  const fix =
    edge === undefined
      ? `It is not a node of the join tree that has groups. Add an edge to ${name}, or name a token with @Inject(${name}) if the container does hold one.`
      : `Matches are passed as Joined<${nodes[edge.parent]!.name}, ${name}>, a Map from the element to its matches.`;
  throw new WaterMillError(
    'WM_PARAMETER',
    `${process.name}: parameter ${index + 1} is of the message class ${name}. ${fix}`,
    {
      found: name,
    },
  );
}

function tokenParameter({ process, source, tables }: Surroundings, position: number, token: unknown): ParameterPlan {
  const place = `parameter ${position} of ${process.name}`;
  const table = tables.find(token, place);
  if (table !== undefined) return table;
  const value = callValues.get(token);
  if (value === undefined) return injectedParameter(token, place);
  const refusal = value.refusal(source);
  if (refusal === undefined) return value.parameter;
  throw new WaterMillError(
    'WM_PARAMETER',
    `${process.name}: parameter ${position} is ${printToken(token)}, ${refusal}`,
  );
}
