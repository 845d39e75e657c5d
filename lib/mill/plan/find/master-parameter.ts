import { WaterMillError } from '../../../base/watermill-error.js';
import { Joined } from '../../../joins/joined.js';
import { isMessageClass } from '../../../messages/schema.js';
import type { SourceParts } from './find-source.js';
import { printType, whyNoToken } from './metadata.js';
import type { TreeNode } from './tree-nodes.js';

/**
 * Checks the class of the first parameter: the master's, or a base class of it that is not another node of the tree (so
 * that one method serves several aliases, and a swapped self-join is found). Under a window it is an array.
 */
export function checkMasterParameter(
  method: string,
  type: unknown,
  source: SourceParts,
  nodes: readonly TreeNode[],
): void {
  const master = source.master;
  // The type of the accumulator is not in the metadata.
  if (source.fold !== undefined) return;
  if (source.window !== undefined) {
    // A readonly array is Object in the metadata of tsc.
    if (type === Array || type === Object) return;
    throw wrongMaster(
      method,
      `${master.name}[]`,
      type,
      `There is a window on ${master.name}: declare ${master.name}[].`,
    );
  }
  if (type === master) return;
  if (type === Array) {
    const fix = `There is no window on it: declare ${master.name}, or give the mill a window, window(${master.name}, key).`;
    throw wrongMaster(method, master.name, type, fix);
  }
  const reason = whyNoToken(type);
  if (reason !== undefined) {
    throw new WaterMillError(
      'WM_METADATA',
      `${method}: metadata shows ${printType(type)} as the type of parameter 1, where the master, ${master.name}, is expected: ` +
        `${type === undefined ? 'there is no such parameter, or its class was not defined yet (a circular import)' : reason}. ` +
        `Declare it as ${master.name}, imported without \`type\`; or name the source and the tokens: @Process(source, { inject: […] }).`,
      { method, expected: master.name, found: printType(type) },
    );
  }
  if (!isMessageClass(type)) {
    const place = type === Joined ? 'The groups come after the master' : 'What is injected comes last';
    throw wrongMaster(method, master.name, type, `${place}: put the parameter of class ${master.name} first.`);
  }
  checkRelated(method, type, master, nodes);
}

function checkRelated(method: string, type: Function, master: Function, nodes: readonly TreeNode[]): void {
  const isOtherNode = nodes.some((node) => node.message === type);
  const isBase = master.prototype instanceof type;
  if (isBase && !isOtherNode) return;
  let fix = `Declare ${master.name}, or make ${type.name} the master.`;
  if (isOtherNode) {
    fix = `${type.name} is a child in this tree. Declare ${master.name}, or swap the two in the tree.`;
  } else if (type.prototype instanceof master) {
    fix = `${type.name} extends ${master.name}, and elements of ${master.name} are not of it. Declare ${master.name}, or make ${type.name} the master.`;
  }
  throw wrongMaster(method, master.name, type, fix);
}

function wrongMaster(method: string, expected: string, type: unknown, fix: string): WaterMillError {
  const found = printType(type);
  return new WaterMillError(
    'WM_MASTER_PARAMETER',
    `${method}: parameter 1 is the master, expected ${expected}, found ${found}. ${fix}`,
    { method, expected, found },
  );
}
