import type { ErrorCode } from '../base/codes.js';
import { unknownOption } from '../base/option-names.js';
import { WaterMillError } from '../base/watermill-error.js';

/** The options of a maker, after checking that they are an object without unknown names. */
export function knownOptions<N extends string>(
  options: unknown,
  names: readonly N[],
  role: string,
  code: ErrorCode,
): { readonly [K in N]?: unknown } {
  const list = names.join(', ');
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new WaterMillError(code, `${role}: the options must be an object with ${list}.`, {
      expected: 'an object',
      found: options === null ? 'null' : Array.isArray(options) ? 'an array' : typeof options,
    });
  }
  const unknown = unknownOption(options, names);
  if (unknown !== undefined) throw new WaterMillError(code, `${role} ${unknown.sentence}`, unknown.details);
  return options as { readonly [K in N]?: unknown };
}
