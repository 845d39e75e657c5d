import type { MessageClass } from '../../base/class.js';
import { reasonOf } from '../../base/thrown.js';
import { message, schemaOf } from '../../messages/index.js';
import { wrongValue } from '../step-checks.js';

/** A value that came too late, with the window that it missed. */
interface LateValue {
  readonly key: unknown;
  readonly start: unknown;
  readonly end: unknown;
  readonly value: unknown;
}

/** An element of a class for late values: those of its fields that there are. */
export function lateElement(late: MessageClass<any>, missed: LateValue, place: string): object {
  const own = typeof missed.value === 'object' && missed.value !== null ? missed.value : {};
  const known: Record<string, unknown> = { ...own, ...missed };
  const fields = schemaOf(late)
    .fields.map(({ property }) => property)
    .filter((name) => known[name] !== undefined);
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
