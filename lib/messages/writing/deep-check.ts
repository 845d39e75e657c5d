import type { MessageClass } from '../../base/class.js';
import { isDate } from '../../base/date.js';
import { madeOnce } from '../../base/made-once.js';
import { defaultsOf } from '../defaults.js';
import type { FieldType } from '../field-type.js';
import { isoText } from '../iso-time.js';
import { isPlainObject, memberOf } from '../members.js';
import { deepest } from '../nesting.js';
import { checkedSchemaOf } from '../schema.js';

type Check = (value: any, depth: number) => boolean;

/**
 * Checks whether the writer of a class accepts an element, with everything nested in it, without creating anything. False:
 * the writer must decide, since something is invalid, a class has no fields, or a class of class-transformer is converted by the
 * user's code.
 */
export const deepCheckOf: (message: MessageClass<any>) => Check = madeOnce((message) => {
  const schema = checkedSchemaOf(message);
  if (schema.codec !== undefined || schema.fields.length === 0) return () => false;
  const defaults = defaultsOf(schema);
  const fields = schema.fields.map(({ property, type, optional, nullable }) => ({
    property,
    check: checkOf(type),
    mayMiss: optional && !defaults.has(property),
    mayBeNull: nullable || (type.kind === 'json' && !optional),
  }));
  return (element, depth) => {
    if (typeof element !== 'object' || element === null || Array.isArray(element) || depth > deepest) return false;
    for (let i = 0; i < fields.length; i++) {
      const { property, check, mayMiss, mayBeNull } = fields[i] as (typeof fields)[number];
      const value = memberOf(element, property);
      const isGood = value === undefined ? mayMiss : value === null ? mayBeNull : check(value, depth);
      if (!isGood) return false;
    }
    return true;
  };
});

function checkOf(type: FieldType): Check {
  switch (type.kind) {
    case 'number':
      return Number.isFinite;
    case 'date':
      return (value) => isDate(value) && !Number.isNaN(value.getTime());
    case 'bigint': {
      const { iso } = type;
      return (value) => typeof value === 'bigint' && (iso === undefined || isoText(value, iso) !== undefined);
    }
    case 'choice':
      return (value) => type.values.has(value);
    case 'json':
      // Its nesting is counted by itself.
      return (value) => isJson(value, 0);
    case 'message':
      // A class may hold elements of itself.
      return (value, depth) => deepCheckOf(type.message as MessageClass<any>)(value, depth + 1);
    case 'array': {
      const check = checkOf(type.element);
      return (value, depth) => {
        if (!Array.isArray(value)) return false;
        for (let i = 0; i < value.length; i++) if (!check(value[i], depth)) return false;
        return true;
      };
    }
    case 'string':
      return (value) => typeof value === 'string';
    case 'boolean':
      return (value) => typeof value === 'boolean';
    default:
      return type satisfies never;
  }
}

function isJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)) return true;
  if (typeof value !== 'object' || depth > deepest || isDate(value)) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isJson(value[i], depth + 1)) return false;
    return true;
  }
  return (
    isPlainObject(value) && Object.values(value).every((member) => member === undefined || isJson(member, depth + 1))
  );
}
