import type { ErrorCode } from '../base/codes.js';
import { unknownOption } from '../base/option-names.js';
import { listed } from '../base/shown-text.js';
import { ownTextOf, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';

/** The options of a maker, after checking that they are an object without unknown names. */
export function knownOptions<N extends string>(
  options: unknown,
  names: readonly N[],
  role: string,
  code: ErrorCode,
): { readonly [K in N]?: unknown } {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  // An expression, a window or an edge is an object, too.
  if (!isObject || ownTextOf(options) !== undefined) {
    const found = shownValue(options);
    throw new WaterMillError(code, `${role}: the options must be an object with ${names.join(', ')}, not ${found}.`, {
      expected: 'an object',
      found,
    });
  }
  const unknown = unknownOption(options, names);
  if (unknown !== undefined) throw new WaterMillError(code, `${role} ${unknown.sentence}`, unknown.details);
  return options as { readonly [K in N]?: unknown };
}

/** Refuses arguments after the options, which would be ignored silently. */
export function refuseFurther(
  [found, ...rest]: readonly unknown[],
  names: readonly string[],
  role: string,
  code: ErrorCode,
): void {
  if (found === undefined && rest.length === 0) return;
  const text = shownValue(found);
  throw new WaterMillError(
    code,
    `${role}: the options are the last argument, and ${text} follows them. Put all options into one object: there are ` +
      `${listed(names)}.`,
    { expected: 'one object of options', found: text },
  );
}
