// Tests of the values of options, for `BrokerOptions.take`.

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';

export const isFunction = (value: unknown): boolean => typeof value === 'function';

export const isList = (value: unknown): boolean => Array.isArray(value);

/** A whole number, 0 or more. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A whole number above 0. */
export const isCountAboveZero = (value: unknown): boolean => isCount(value) && value !== 0;

export const isOneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
