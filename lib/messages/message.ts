import type { MessageClass } from '../base/class.js';
import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { nearestName } from '../base/option-names.js';
import { quotedText } from '../base/shown-text.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { accessorsOf, assign, expectAssignable, isAssignable } from './assigning.js';
import type { Init } from './init.js';
import { memberOf, memberText } from './members.js';
import type { MessageSchema } from './message-schema.js';
import { schemaOf } from './schema.js';

type Maker = (init: any) => object;

const makers = new WeakMap<MessageClass<any>, Maker>();

/**
 * Makes an element: `new C()` with these fields. The compiler checks that all fields are present and have their types,
 * and that there are no others; values are checked when the element is written.
 *
 * @throws WaterMillError if the class is not a message class. `WM_MESSAGE_MEMBER` for a member whose name is close to that of a
 * missing field, or if the second argument is not an object; the compiler would have refused both.
 * @example
 * ```ts
 * message(RobotSpeed, { timeFrom: 0, timeTo: 10, speed: 1.5 });
 * ```
 */
export function message<T>(cls: MessageClass<T>, init: Init<T>): T {
  let maker = makers.get(cls);
  if (maker === undefined) {
    maker = makeMaker(cls);
    makers.set(cls, maker);
  }
  if (typeof init !== 'object' || init === null) throw notFields(cls, init);
  return maker(init) as T;
}

/**
 * Like `message`, for an object with only declared fields; the function returns undefined for all others, and if that
 * is unknown.
 */
export const declaredMakerOf: (cls: MessageClass<any>) => (init: any) => object | undefined = madeOnce(
  (cls) => (isPlain(schemaOf(cls)) ? generatedMaker(cls, 'undefined') : undefined) ?? (() => undefined),
);

function makeMaker(cls: MessageClass<any>): Maker {
  const schema = schemaOf(cls);
  if (!isPlain(schema)) return (init) => makeChecked(schema, init);
  return (
    generatedMaker(cls, 'assignAll(schema, element, init)') ?? ((init) => assignAll(schema, new cls() as object, init))
  );
}

/** The class's own code does not affect the contents of its elements. */
function isPlain(schema: MessageSchema): boolean {
  return isAssignable(schema) && accessorsOf(schema).size === 0;
}

/**
 * Generated: stores by name, twice as fast as Object.assign. If `init` has other members than fields with a value
 * (undecorated members, undefined over a default), it returns the value of `more`.
 */
function generatedMaker(cls: MessageClass<any>, more: string): Maker | undefined {
  const schema = schemaOf(cls);
  const stores = schema.fields.map(({ property }) => {
    const store = `element[${JSON.stringify(property)}] = value; known++;`;
    return `value = ${memberText('init', property)}; if (value !== undefined) { ${store} }`;
  });
  const body = `return (init) => {
    const element = new C(); let value, known = 0, all = 0;
    ${stores.join('\n')}
    for (const key in init) all++;
    return all === known ? element : ${more};
  }`;
  return compile<Maker>({ C: cls, schema, assignAll, own: Object.hasOwn }, body);
}

/** For a class whose own code affects the contents of its elements: checks that they contain the given values. */
function makeChecked(schema: MessageSchema, init: object): object {
  const given = schema.fields.filter(({ property }) => memberOf(init, property) !== undefined);
  expectAssignable(
    schema,
    given.map(({ property }) => property),
  );
  const element = assignAll(schema, new schema.message(), init);
  for (const { property } of given) assign(schema, element, property, memberOf(init, property), property);
  return element;
}

/** Like Object.assign, but an own `__proto__` (as from JSON.parse) does not change the prototype of the element. */
function assignAll(schema: MessageSchema, element: object, init: object): object {
  for (const [key, value] of Object.entries(init)) {
    if (key === '__proto__') continue;
    if (!(key in element)) refuseMistyped(schema, key, element, init);
    (element as Record<string, unknown>)[key] = value;
  }
  return element;
}

function notFields({ name }: MessageClass<any>, init: unknown): WaterMillError {
  const found = shownValue(init);
  return new WaterMillError(
    'WM_MESSAGE_MEMBER',
    `message(${name}): expected an object with the fields of ${name} after the class, found ${found}. ` +
      `Write message(${name}, { … }).`,
    { message: name, expected: 'an object with its fields', found },
  );
}

/** A class may have members without `@Field`. But a name close to that of a missing required field is a typing error. */
function refuseMistyped({ name, fields }: MessageSchema, key: string, element: object, init: object): void {
  if (fields.some(({ property }) => property === key)) return;
  const isMissing = (from: object, property: string): boolean => memberOf(from, property) === undefined;
  const missing = fields.filter(
    ({ property, optional }) => !optional && isMissing(init, property) && isMissing(element, property),
  );
  const meant =
    missing.find((field) => field.name === key)?.property ??
    nearestName(
      key,
      missing.map(({ property }) => property),
    );
  if (meant === undefined) return;
  throw new WaterMillError(
    'WM_MESSAGE_MEMBER',
    `message(${name}): ${name} has no field ${quotedText(key)}, and ${meant} is missing. Did you mean ${meant}?`,
    { message: name, expected: meant, found: key },
  );
}
