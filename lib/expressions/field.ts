import type { Class } from '../base/class.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { DescribedExpression } from './described-expression.js';
import type { ExpressionOf, NameOf, ValueAt } from './expression.js';
import { furtherName } from './one-name.js';

/**
 * The value of a field, as a key expression. Its operators depend on the type of the field: arithmetic for a number or
 * bigint (`.plus .minus .times .dividedBy .floorDiv .mod`), `.at('sub')` for an object, otherwise only comparison.
 *
 * A getter works like a field, as long as it depends only on its element. Any other name is a compile error and, if the
 * class has already been declared, `WM_EXPRESSION_FIELD`.
 *
 * @example
 * field(RobotLocation, 'time').plus(10)              // RobotLocation.time + 10
 * field(Flight, 'origin')                            // Flight.origin
 * field(Sample, 'pos').at('lat').times(100).floorDiv(5)
 */
export function field<T, const K extends string>(cls: Class<T>, name: NameOf<T, K>): ExpressionOf<T, ValueAt<T, K>>;
export function field(cls: Class, name: string, ...further: readonly unknown[]): unknown {
  if (typeof cls !== 'function') {
    throw new WaterMillError(
      'WM_EXPRESSION_FIELD',
      `field(${shownValue(cls)}, ${shownValue(name)}): the first argument must be a message class. Where it is ` +
        'undefined though imported, the import is circular: declare the class in its own file.',
      { field: String(name), expected: 'a message class', found: cls === null ? 'null' : typeof cls },
    );
  }
  if (typeof name !== 'string') {
    throw new WaterMillError(
      'WM_EXPRESSION_FIELD',
      `field(${cls.name}, …): the second argument must be the name of a field, as a string, not ${shownValue(name)}.`,
      { message: cls.name, expected: 'the name of a field', found: typeof name },
    );
  }
  if (further.length > 0) throw furtherName(`field(${cls.name}, ${shownValue(name)})`, further);
  return new DescribedExpression({ form: 'field', of: cls, path: [name] }, cls);
}
