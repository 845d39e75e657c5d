import type { Class } from '../base/class.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { FieldType } from '../messages/field-type.js';
import { type FieldSchema, isMessageClass, schemaOf } from '../messages/schema.js';
import { classNameOf } from './class-name.js';
import type { ValueType } from './value-type.js';

/**
 * The type of a field as its class declares it; undefined if it is not declared (a class whose decorators have not run
 * yet, free JSON, a getter). Throws `WM_EXPRESSION_FIELD` if the class is declared and has no such field.
 */
export function declaredType(cls: Class, path: readonly string[]): ValueType | undefined {
  const [name, ...inner] = path as readonly [string, ...string[]];
  if (!isMessageClass(cls)) return undefined;
  const field = fieldOf(cls, name);
  if (field === undefined) return undefined;
  const { type } = field;
  if (inner.length === 0) return valueType(type);
  if (type.kind === 'message') return declaredType(type.message, inner);
  if (type.kind === 'json' || type.kind === 'array') return undefined;
  throw new WaterMillError(
    'WM_EXPRESSION_FIELD',
    `${classNameOf(cls)}.${name} does not hold an object, so it has no field ${JSON.stringify(inner[0])}. Leave out .at().`,
    { message: classNameOf(cls), field: path.join('.'), expected: 'an object', found: type.kind },
  );
}

function fieldOf(cls: Class, name: string): FieldSchema | undefined {
  const { fields } = schemaOf(cls);
  const field = fields.find(({ property }) => property === name);
  if (field !== undefined || hasGetter(cls, name)) return field;
  const renamed = fields.find((other) => other.name === name);
  const fix =
    renamed === undefined
      ? `Its fields are ${fields.map(({ property }) => property).join(', ')}; a property that is read from messages needs @Field().`
      : `That is its name in messages only; the property is ${renamed.property}.`;
  throw new WaterMillError('WM_EXPRESSION_FIELD', `${classNameOf(cls)} has no field ${JSON.stringify(name)}. ${fix}`, {
    message: classNameOf(cls),
    field: name,
    expected: fields.map(({ property }) => property).join(', '),
    found: name,
  });
}

/** A getter counts as a field: its value depends only on the element. */
function hasGetter(cls: Class, name: string): boolean {
  for (let at = cls.prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if (Object.getOwnPropertyDescriptor(at, name)?.get !== undefined) return true;
  }
  return false;
}

function valueType(type: FieldType): ValueType | undefined {
  switch (type.kind) {
    case 'date':
      return 'Date';
    case 'message':
    case 'array':
      return 'other';
    case 'json':
      return undefined;
    case 'choice': {
      const types = new Set([...type.values].map((value) => typeof value as 'string' | 'number' | 'boolean'));
      return types.size === 1 ? [...types][0] : undefined;
    }
    default:
      return type.kind;
  }
}
