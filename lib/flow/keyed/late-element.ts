import type { MessageClass } from '../../base/class.js';
import { reasonOf } from '../../base/thrown.js';
import { message, schemaOf } from '../../messages/index.js';
import { wrongValue } from '../step-checks.js';

/** A late value, with the window that it missed. */
interface LateValue {
  readonly key: unknown;
  readonly start: unknown;
  readonly end: unknown;
  readonly value: unknown;
}

/**
 * Creates an element of a class for late values with the available fields. If both have a field of one name, that of
 * the value counts, except for a field `value` that is declared to hold the whole value.
 */
export function lateElement(late: MessageClass<any>, missed: LateValue, place: string): object {
  const own = typeof missed.value === 'object' && missed.value !== null ? missed.value : {};
  const known: Record<string, unknown> = { ...missed, ...own };
  const { fields: declared } = schemaOf(late);
  const whole = declared.find(({ property }) => property === 'value')?.type;
  if (whole?.kind === 'message' && missed.value instanceof whole.message) known.value = missed.value;
  const fields = declared.map(({ property }) => property).filter((name) => known[name] !== undefined);
  try {
    return message(late, Object.fromEntries(fields.map((name) => [name, known[name]])) as any);
  } catch (error) {
    throw wrongValue(
      `${place}: a late value cannot be made a ${late.name} (${reasonOf(error)}):`,
      'fields among key, start, end, value and those of the value',
      missed.value,
    );
  }
}
