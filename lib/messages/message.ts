import type { MessageClass } from '../base/class.js';
import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
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
 * @throws WaterMillError if the class is not a message class.
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
  return generatedMaker(cls, 'assignAll(element, init)') ?? ((init) => assignAll(new cls() as object, init));
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
  return compile<Maker>({ C: cls, assignAll, own: Object.hasOwn }, body);
}

/** For a class whose own code affects the contents of its elements: checks that they contain the given values. */
function makeChecked(schema: MessageSchema, init: object): object {
  const given = schema.fields.filter(({ property }) => memberOf(init, property) !== undefined);
  expectAssignable(
    schema,
    given.map(({ property }) => property),
  );
  const element = assignAll(new schema.message(), init);
  for (const { property } of given) assign(schema, element, property, memberOf(init, property), property);
  return element;
}

/** Like Object.assign, but an own `__proto__` (as from JSON.parse) does not change the prototype of the element. */
function assignAll(element: object, init: object): object {
  for (const [key, value] of Object.entries(init)) {
    if (key !== '__proto__') (element as Record<string, unknown>)[key] = value;
  }
  return element;
}
