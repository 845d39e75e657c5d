import { WaterMillError } from '../../../base/watermill-error.js';
import { Joined } from '../../../joins/joined.js';
import { printToken } from '../in-words.js';
import type { InjectedParameter, TableParameter } from '../plan.js';
import { callValues } from './call-values.js';
import type { FoundMethod } from './find-process.js';
import type { FoundTables } from './found-tables.js';
import { printType, whyNoToken } from './metadata.js';

/** A parameter from the container. */
export function injectedParameter(token: unknown, place: string): InjectedParameter {
  if (token !== undefined && token !== null && token !== Joined) return { what: 'injected', token, place };
  const found = token === Joined ? 'Joined' : String(token);
  const fix =
    token === Joined
      ? 'The groups are passed without it, before what inject lists: leave it out there.'
      : 'In a circular import, a class that is not defined yet is undefined: move the class to its own file.';
  throw new WaterMillError('WM_PARAMETER', `The token of ${place} is ${found}. ${fix}`, { found });
}

/** Throws if the metadata of a parameter names nothing that a container could resolve. */
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

/** A method that is called in addition to the process method. */
export interface FurtherMethod {
  readonly process: FoundMethod;
  readonly key: string | symbol;
  readonly name: string;
  readonly tables: FoundTables;
}

/** A parameter of such a method: by `@Inject`, otherwise by its type. */
export function injectedOfMethod(
  { process, key, name, tables }: FurtherMethod,
  index: number,
  type: unknown,
): InjectedParameter | TableParameter {
  const token = process.tokens.find((each) => each.key === key && each.index === index);
  if (token === undefined) refuseBlank(name, index, type);
  const wanted = token?.token ?? type;
  if (callValues.has(wanted)) {
    throw new WaterMillError(
      'WM_PARAMETER',
      `${name}: parameter ${index + 1} is ${printToken(wanted)}, which only the process function can have. Leave it out.`,
    );
  }
  const place = `parameter ${index + 1} of ${name}`;
  return tables.find(wanted, place) ?? injectedParameter(wanted, place);
}
