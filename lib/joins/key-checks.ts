import type { Class } from '../base/class.js';
import { namesakeAdvice } from '../base/namesake.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from '../expressions/class-name.js';
import { extendsClass } from '../expressions/common-class.js';
import type { Expression } from '../expressions/expression.js';
import { describeType, distanceType, mayCompare } from '../expressions/value-type.js';
import type { KeyDistance } from './distance.js';

/** Throws `WM_KEY_ORDER` if a key can decrease by its form. */
export function checkOrder(key: Expression<any, any>, role: string): void {
  const order = key.order;
  if (order.keeps) return;
  throw new WaterMillError(
    'WM_KEY_ORDER',
    `${role}, ${key}, does not keep order: ${order.reason}. Keys must never decrease along a stream; ${order.fix}.`,
    { expected: 'an expression that never decreases', found: String(key), reason: order.reason, fix: order.fix },
  );
}

/** Throws `WM_KEY_CLASS` if a key reads fields that elements of this class need not have. */
export function checkClass(key: Expression<any, any>, cls: Class, role: string): void {
  if (key.of === undefined || extendsClass(cls, key.of)) return;
  const found = classNameOf(key.of);
  const expected = classNameOf(cls);
  const namesake = namesakeAdvice(key.of, [cls]);
  const fix = namesake === undefined ? `Use a field of ${expected}` : `${namesake}, and use its field`;
  throw new WaterMillError(
    'WM_KEY_CLASS',
    `${role}, ${key}, reads ${found}, but here are elements of ${expected}. ${fix}: ` +
      'the left key reads the parent of the edge, the right key its child, the key of a window the master.',
    { message: expected, expected, found },
  );
}

/** Throws `WM_KEY_TYPE` if the declarations show that a value is not a key. */
export function checkType(key: Expression<any, any>, role: string): void {
  const type = key.valueType;
  const parts = typeof type === 'object' ? type : [type];
  if (!parts.includes('other')) return;
  throw new WaterMillError(
    'WM_KEY_TYPE',
    `${role}, ${key}, is ${describeType(type ?? 'other')}; a key is a number, bigint, string, boolean or Date, or a ` +
      "tuple of them. Read a field of the object: field(C, 'a').at('b').",
    { expected: 'number, bigint, string, boolean, Date or a tuple of them', found: describeType(type ?? 'other') },
  );
}

/** Throws `WM_KEY_TYPE` if the declarations show that two keys cannot be compared. */
export function checkComparable(left: Expression<any, any>, right: Expression<any, any>, role: string): void {
  const a = left.valueType;
  const b = right.valueType;
  if (mayCompare(a, b) || a === undefined || b === undefined) return;
  throw new WaterMillError(
    'WM_KEY_TYPE',
    `${role}: the left key ${left} is ${describeType(a)}, the right key ${right} is ${describeType(b)}. Keys are ` +
      'compared by value and never converted: make both of one type, for example by a function.',
    { expected: describeType(a), found: describeType(b) },
  );
}

/**
 * Throws `WM_KEY_DISTANCE` if the declarations show that values of this key have no distance, or one of another type
 * than these. Dates have distances in milliseconds, as numbers.
 */
export function checkDistance(key: Expression<any, any>, distances: readonly KeyDistance[], role: string): void {
  const expected = distanceType(key.valueType);
  if (expected === undefined) return;
  if (expected === false) {
    const type = describeType(key.valueType ?? 'other');
    throw new WaterMillError(
      'WM_KEY_DISTANCE',
      `${role} needs keys between which there is a distance; ${key} is ${type}. Use a number, bigint or Date key.`,
      { expected: 'a number, bigint or Date key', found: type },
    );
  }
  const wrong = distances.find((distance) => typeof distance !== expected);
  if (wrong === undefined) return;
  throw new WaterMillError(
    'WM_KEY_DISTANCE',
    `${role}: distances between values of ${key} are ${expected}s, but ${shownValue(wrong)} is a ${typeof wrong}. ` +
      `Write ${expected === 'bigint' ? `${wrong}n` : Number(wrong)}.`,
    { expected, found: shownValue(wrong) },
  );
}
