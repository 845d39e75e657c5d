import { WaterMillError } from '../../base/watermill-error.js';
import { Joined } from '../../joins/joined.js';
import { isMessageClass } from '../../messages/schema.js';
import { callValues } from './call-values.js';
import type { FoundMethod, FoundProcess } from './find-process.js';
import type { SourceParts } from './find-source.js';
import { type GroupEdge, groupEdges } from './group-edges.js';
import { counted, printToken } from './in-words.js';
import { checkMasterParameter } from './master-parameter.js';
import { missingMetadata, printType, readMetadata, whyNoToken } from './metadata.js';
import type { InjectedParameter, ParameterPlan } from './plan.js';
import type { TreeNode } from './tree-nodes.js';

/** What is known of the mill when its parameters are found. */
interface Surroundings {
  readonly process: FoundProcess;
  readonly source: SourceParts;
  readonly nodes: readonly TreeNode[];
}

/** What each parameter of the process receives: by `inject` where it is given, else by the metadata of the method. */
export function findParameters(
  process: FoundProcess,
  source: SourceParts,
  nodes: readonly TreeNode[],
): ParameterPlan[] {
  const surroundings = { process, source, nodes };
  if (process.what === 'method' && process.settings.inject === undefined) return fromMetadata(process, surroundings);
  const parameters = fromTokens(surroundings, process.settings.inject ?? []);
  if (process.what === 'method') checkAgainstMetadata(process, surroundings);
  return parameters;
}

function fromTokens(surroundings: Surroundings, tokens: readonly unknown[]): ParameterPlan[] {
  const { process, nodes } = surroundings;
  if (!Array.isArray(tokens)) {
    throw new WaterMillError(
      'WM_PROCESS_FUNCTION',
      `${process.name}: inject must be an array of tokens, one per parameter.`,
    );
  }
  const joined = groupEdges(nodes).map(joinedParameter);
  const first = joined.length + 2;
  const injected = tokens.map((token, i) => tokenParameter(surroundings, first + i, token));
  const parameters: ParameterPlan[] = [{ what: 'master' }, ...joined, ...injected];
  const declared = process.what === 'function' ? process.callee.length : methodLength(process);
  if (declared > parameters.length) {
    throw new WaterMillError(
      'WM_PARAMETER',
      `${process.name} has ${counted(declared, 'parameter')} and receives ${parameters.length}: ` +
        `the master, ${joined.length} Joined and ${tokens.length} of inject. Name what is missing in inject.`,
      { expected: `${parameters.length} parameters`, found: `${declared}` },
    );
  }
  return parameters;
}

/** With `inject` no metadata is needed; where there is some, the master and the number of `Joined` must still fit. */
function checkAgainstMetadata(process: FoundMethod, { source, nodes }: Surroundings): void {
  const types = readMetadata(process.prototype, process.callee).parameters;
  if (types === undefined || types.length === 0) return;
  if (whyNoToken(types[0]) === undefined) checkMasterParameter(process.name, types[0], source, nodes);
  if (types.includes(Joined)) expectJoined(process, countJoined(process, types, groupEdges(nodes).length), nodes);
}

function fromMetadata(process: FoundMethod, surroundings: Surroundings): ParameterPlan[] {
  const { source, nodes } = surroundings;
  const types = readMetadata(process.prototype, process.callee).parameters;
  if (types === undefined) throw missingMetadata(process.name, 'parameters');
  checkMasterParameter(process.name, types[0], source, nodes);
  const edges = groupEdges(nodes);
  expectJoined(process, countJoined(process, types, edges.length), nodes);
  const parameters: ParameterPlan[] = [{ what: 'master' }];
  const joined = edges.map(joinedParameter);
  const fixed = hasRestOfJoined(process, types) ? types.slice(0, -1) : types;
  for (let i = 1; i < fixed.length; i++) {
    parameters.push(fixed[i] === Joined ? joined.shift()! : methodParameter(process, surroundings, i, fixed[i]));
  }
  return [...parameters, ...joined];
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

/** A parameter of an element's class is no injection: it was meant as a group, or as the master. */
function refuseMessageClass(process: FoundMethod, { nodes }: Surroundings, index: number, type: unknown): void {
  if (!isMessageClass(type)) return;
  const name = printType(type);
  const edge = groupEdges(nodes).find(({ edge }) => nodes[edge.child]!.message === type)?.edge;
  const mend =
    edge === undefined
      ? `It is no node of the join tree that gives groups. Add an edge to ${name}, or name a token with @Inject(${name}) if the container does hold one.`
      : `Matches come as Joined<${nodes[edge.parent]!.name}, ${name}>, a Map from the element to its matches.`;
  throw new WaterMillError(
    'WM_PARAMETER',
    `${process.name}: parameter ${index + 1} is of the message class ${name}. ${mend}`,
    {
      found: name,
    },
  );
}

/** Throws where the metadata of a parameter names nothing that a container could give. */
export function refuseBlank(method: string, index: number, type: unknown): void {
  const reason = whyNoToken(type);
  if (reason === undefined) return;
  throw new WaterMillError(
    'WM_METADATA',
    `${method}: metadata shows ${printType(type)} as the type of parameter ${index + 1}: ${reason}. ` +
      'Name what it is with @Inject(token), or list the tokens of all parameters after the joins in inject; ' +
      'a class must be imported without `type`.',
    { method, expected: 'a class', found: printType(type) },
  );
}

function tokenParameter({ process, source }: Surroundings, position: number, token: unknown): ParameterPlan {
  const place = `parameter ${position} of ${process.name}`;
  const value = callValues.get(token);
  if (value === undefined) return injectedParameter(token, place);
  const refusal = value.refusal(source);
  if (refusal === undefined) return value.parameter;
  throw new WaterMillError(
    'WM_PARAMETER',
    `${process.name}: parameter ${position} is ${printToken(token)}, ${refusal}`,
  );
}

/** A parameter from the container. */
export function injectedParameter(token: unknown, place: string): InjectedParameter {
  if (token !== undefined && token !== null && token !== Joined) return { what: 'injected', token, place };
  const found = token === Joined ? 'Joined' : String(token);
  const mend =
    token === Joined
      ? 'The groups come by themselves, before what inject lists: leave it out there.'
      : 'A circular import gives undefined for a class that is not made yet: move the class to a file of its own.';
  throw new WaterMillError('WM_PARAMETER', `The token of ${place} is ${found}. ${mend}`, { found });
}

/** How many edges the `Joined` parameters serve. A rest parameter serves all that are left. */
function countJoined(process: FoundMethod, types: readonly unknown[], edges: number): number {
  const named = types.filter((type) => type === Joined).length;
  if (!hasRestOfJoined(process, types)) return named;
  return Math.max(edges, types.at(-1) === Joined ? named - 1 : named);
}

/** `...joined: Joined<A, B>[]`: the metadata shows Joined (tsc) or Array (swc), and the method does not count it. */
function hasRestOfJoined(process: FoundMethod, types: readonly unknown[]): boolean {
  const last = types.at(-1);
  return types.length > 1 && (last === Joined || last === Array) && methodLength(process) === types.length - 1;
}

/** How many parameters a method counts. An override may have taken the place of the decorated one. */
function methodLength(process: FoundMethod): number {
  return ((process.prototype as Record<string | symbol, unknown>)[process.callee] as Function).length;
}

function expectJoined(process: FoundMethod, found: number, nodes: readonly TreeNode[]): void {
  const edges = groupEdges(nodes);
  if (found === edges.length) return;
  const expected = edges.map(({ edge }) => `Joined<${nodes[edge.parent]!.name}, ${nodes[edge.child]!.name}>`);
  const mend =
    expected.length === 0
      ? nodes.length === 1
        ? 'There is no join: give the mill a joinTree, or leave the parameter out.'
        : 'Semi and anti edges select and give no groups: leave the parameter out.'
      : `Declare, after the master, ${expected.join(', ')}.`;
  throw new WaterMillError(
    'WM_JOINED_COUNT',
    `${process.name} has ${counted(found, 'parameter')} of type Joined, and the source has ${counted(edges.length, 'edge')} that give${edges.length === 1 ? 's' : ''} groups. ${mend}`,
    { expected: expected.join(', ') || 'none', found: `${found}` },
  );
}
