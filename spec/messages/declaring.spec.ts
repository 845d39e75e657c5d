import type { TypeReference } from '../../lib/messages/index.js';
import { checkedSchemaOf, Field, Message, readerOf, schemaOf } from '../../lib/messages/index.js';
import { Color, Location } from './model.js';
import { sentence } from './support/variants.js';

/** Declares C.value like the compiler: with `design:type` set to this value, or not set at all. */
function declare(decorate: (target: object, key: string) => void, ...designType: [unknown?]): string {
  class C {}
  if (designType.length > 0) Reflect.defineMetadata('design:type', designType[0], C.prototype, 'value');
  return sentence(() => decorate(C.prototype, 'value'));
}

const fix = 'Make them agree.';
const choices =
  'Name one of Number, String, Boolean, Date, BigInt, a message class, an enum object with values, ' +
  'Object for any JSON, or an array of one of them: [Item].';

describe('@Field: an annotation without information', () => {
  const nameIt =
    'Name the type: of string | null @Field(() => String, { nullable: true }), of number | undefined ' +
    '@Field(() => Number, { optional: true }), of any JSON @Field(() => Object).';
  const union = 'a union, an interface, import type, or no annotation';

  it.each([
    [Object, {}, `@Field on C.value: the annotation shows only Object (${union}). ${nameIt}`],
    [Object, { nullable: true }, `@Field on C.value: the annotation shows only Object (${union}). ${nameIt}`],
    [Function, {}, `@Field on C.value: the annotation shows only Function (${union}). ${nameIt}`],
    [
      Array,
      {},
      '@Field on C.value: the annotation does not show what is in the array. Name the type: @Field(() => [Item]).',
    ],
    [Map, {}, '@Field on C.value: no field can hold Map. Give it a type that JSON can show.'],
    [
      undefined,
      {},
      '@Field on C.value: its class was not defined yet (a circular import?). Name the type: @Field(() => TheClass).',
    ],
  ])('%p %p', (designType, options, expected) => {
    expect(declare(Field(options), designType)).toBe(expected);
  });

  it('is distinguished from a build without metadata', () => {
    expect(declare(Field())).toBe(
      '@Field on C.value: the compiler emitted no metadata (emitDecoratorMetadata is off, or the tool has none: esbuild, tsx). ' +
        'Name the type: @Field(() => Number).',
    );
  });

  it('is distinguished from missing reflect-metadata', () => {
    const { getMetadata } = Reflect;
    try {
      delete (Reflect as any).getMetadata;
      expect(declare(Field())).toBe(
        '@Field on C.value: its type is not known, since reflect-metadata is not loaded. ' +
          "Put import 'reflect-metadata' before every other import, or name the type: @Field(() => Number).",
      );
      expect(declare(Field(() => Number))).toBe('nothing thrown');
    } finally {
      Reflect.getMetadata = getMetadata;
    }
  });

  it('has a code and the place', () => {
    expect(() => Field()({ constructor: class C {} }, 'value')).toThrow(
      expect.objectContaining({
        code: 'WM_FIELD_TYPE_UNKNOWN',
        details: expect.objectContaining({ message: 'C', field: 'value' }),
      }),
    );
  });
});

describe('@Field: a type that contradicts the annotation', () => {
  class Base {}
  class Item extends Base {}

  it.each<[() => TypeReference, unknown, string, string]>([
    [() => String, Number, 'string', 'number'],
    [() => Number, String, 'number', 'string'],
    [() => Boolean, Number, 'boolean', 'number'],
    [() => BigInt, Number, 'bigint', 'number'],
    [() => Date, String, 'Date', 'string'],
    [() => Number, Array, 'number', 'Array'],
    [() => [Number], Number, 'number[]', 'number'],
    [() => [Color], String, '("red" | "blue")[]', 'string'],
    [() => Color, Number, '"red" | "blue"', 'number'],
    [() => Item, Location, 'Item', 'Location'],
    [() => Base, Item, 'Base', 'Item'],
    [() => Object, Number, 'any JSON', 'number'],
    [() => Number, Color, 'number', 'an enum'],
  ])('%p, annotated %p', (reference, designType, expected, found) => {
    expect(declare(Field(reference), designType)).toBe(
      `@Field on C.value: it is declared as ${expected}, but its annotation says ${found}. ${fix}`,
    );
  });

  it('is found for oneOf too', () => {
    expect(declare(Field({ oneOf: ['a'] }), Number)).toBe(
      `@Field on C.value: it is declared as "a", but its annotation says number. ${fix}`,
    );
  });

  it.each<[() => TypeReference, unknown]>([
    [() => Number, Object],
    [() => Number, undefined],
    [() => [Number], Array],
    [() => Object, Array],
    [() => Color, String],
    [() => Color, Color],
    [() => Item, Base],
    [() => Item, Function],
    [() => Location, Location],
  ])('none: %p, annotated %p', (reference, designType) => {
    expect(declare(Field(reference), designType)).toBe('nothing thrown');
  });

  it('has a code', () => {
    class C {}
    Reflect.defineMetadata('design:type', Number, C.prototype, 'value');
    expect(() => Field(() => String)(C.prototype, 'value')).toThrow(
      expect.objectContaining({ code: 'WM_FIELD_TYPE_CONTRADICTED' }),
    );
  });
});

describe('@Field: an invalid type', () => {
  it.each<[any, string]>([
    [() => 'number', `@Field on C.value: number is not a type that a field can have. ${choices}`],
    [() => [Number, String], `@Field on C.value: [Number, String] is not a type that a field can have. ${choices}`],
    [() => ({}), `@Field on C.value: this object is not a type that a field can have. ${choices}`],
    [() => Map, `@Field on C.value: Map is not a type that a field can have. ${choices}`],
    [() => null, `@Field on C.value: null is not a type that a field can have. ${choices}`],
    [Number, '@Field on C.value: it takes a function that returns the type. Write @Field(() => Number).'],
    [Location, '@Field on C.value: it takes a function that returns the type. Write @Field(() => Location).'],
  ])('%p', (reference, expected) => {
    expect(declare(Field(reference))).toBe(expected);
  });

  it('has a code', () => {
    expect(() => Field((() => 5) as any)({}, 'value')).toThrow(expect.objectContaining({ code: 'WM_FIELD_TYPE' }));
  });

  it('may be declared further down: it is resolved at first use', () => {
    class Parent {
      child!: unknown;
    }
    Field(() => Child)(Parent.prototype, 'child');
    Message()(Parent);
    class Child {
      n!: number;
    }
    Field(() => Number)(Child.prototype, 'n');
    Message()(Child);
    expect(readerOf(Parent)({ child: { n: 1 } }).child).toBeInstanceOf(Child);
  });

  it.each<[string, any, string]>([
    [
      'undefined',
      () => undefined,
      `@Field on Late.value: undefined (a circular import, or an import that was erased) is not a type that a field can have. ${choices}`,
    ],
    [
      'throwing',
      () => (undefined as any).Item,
      "@Field on Late.value: the function that names its type threw: Cannot read properties of undefined (reading 'Item'). " +
        choices,
    ],
  ])('that stays %s is an error at first use', (_name, reference, expected) => {
    class Late {}
    Field(reference)(Late.prototype, 'value');
    Message()(Late);
    expect(schemaOf(Late).fields).toHaveLength(1);
    expect(sentence(() => checkedSchemaOf(Late))).toBe(expected);
  });

  it('that contradicts the annotation is an error at first use', () => {
    class Late {}
    Reflect.defineMetadata('design:type', Number, Late.prototype, 'value');
    Field(() => Item)(Late.prototype, 'value');
    Message()(Late);
    class Item {}
    expect(sentence(() => checkedSchemaOf(Late))).toBe(
      `@Field on Late.value: it is declared as Item, but its annotation says number. ${fix}`,
    );
  });

  it('a class without @Message in a field is found by the checked schema', () => {
    class Plain {}
    class Holder {}
    Field(() => [Plain])(Holder.prototype, 'value');
    Message()(Holder);
    expect(sentence(() => checkedSchemaOf(Holder))).toBe(
      'Holder.value is of class Plain. It carries no @Message: write @Message() above class Plain, and @Field() above its fields.',
    );
  });
});

describe('@Field: options', () => {
  it.each<[readonly any[], string]>([
    [[{ optinal: true }], ' has no option "optinal". Did you mean optional?'],
    [
      [() => Number, { widht: 3 }],
      ' has no option "widht". There are name, optional, nullable, oneOf, fraction and iso.',
    ],
    [[{ name: 5 }], ': name must be a string, but is 5.'],
    [[() => Number, { nullable: 'no' }], ': nullable must be true or false, but is "no".'],
    [
      ['a'],
      ': expected a function that returns the type, or an object of options, found "a". ' +
        'Write @Field(() => Type), or @Field({ name: "a" }) for another name in messages.',
    ],
    [
      [[Number]],
      ': expected a function that returns the type, or an object of options, found [the function Number]. ' +
        'Write @Field(() => Type), or @Field({ name: "other_name" }) for another name in messages.',
    ],
    [[{ name: 'a' }, { optional: 1 }], ': optional must be true or false, but is 1.'],
  ])('refuses %p', (args, expected) => {
    const decorate = (Field as (...given: readonly any[]) => ReturnType<typeof Field>)(...args);
    expect(declare(decorate, Number)).toBe(`@Field on C.value${expected}`);
    expect(() => decorate({}, 'value')).toThrow(expect.objectContaining({ code: 'WM_FIELD_OPTIONS' }));
  });

  it('refuses a decorator without parentheses: nothing would be declared', () => {
    class C {}
    const uncalled = Field as unknown as (target: object, key: string) => void;
    expect(sentence(() => uncalled(C.prototype, 'n'))).toBe(
      '@Field on C.n is written without parentheses. Write @Field().',
    );
    expect(sentence(() => (Message as any)(C))).toBe('@Message on C is written without parentheses. Write @Message().');
  });
});

describe('@Field: oneOf', () => {
  it.each<[any, any, string]>([
    [undefined, 'a', 'oneOf must list strings, finite numbers or booleans, at least one; it is "a".'],
    [undefined, [1n], 'oneOf must list strings, finite numbers or booleans, at least one; it is [1n].'],
    [undefined, [], 'oneOf must list strings, finite numbers or booleans, at least one; it is [].'],
    [undefined, [{}], 'oneOf must list strings, finite numbers or booleans, at least one; it is [{}].'],
    [() => String, [1], 'oneOf must list values of type string, at least one; it is [1].'],
    [() => Date, ['a'], 'oneOf must list values of type Date, at least one; it is ["a"].'],
  ])('%p %p', (reference, oneOf, expected) => {
    const decorate = reference === undefined ? Field({ oneOf }) : Field(reference, { oneOf });
    expect(declare(decorate)).toBe(`@Field on C.value: ${expected}`);
    expect(() => decorate({}, 'value')).toThrow(expect.objectContaining({ code: 'WM_FIELD_ONE_OF' }));
  });
});

describe('@Field: fraction and iso', () => {
  it.each<[any, any, string]>([
    [() => Number, { fraction: 'cut' }, 'a field with fraction must be a Date, or a bigint with iso, but is number.'],
    [() => BigInt, { fraction: 'cut' }, 'a field with fraction must be a Date, or a bigint with iso, but is bigint.'],
    [() => [String], { fraction: 'cut' }, 'a field with fraction must be a Date, or a bigint with iso, but is string.'],
    [() => Date, { fraction: 'round' }, 'fraction must be \'cut\' or left out, but is "round".'],
    [() => Date, { iso: 'us' }, 'a field with iso must be a bigint: @Field(() => BigInt, { iso }), but is Date.'],
    [() => BigInt, { iso: 'ms' }, "iso must be 'us' for microseconds or 'ns' for nanoseconds, but is \"ms\"."],
  ])('%p %p', (reference, options, expected) => {
    expect(declare(Field(reference, options))).toBe(`@Field on C.value: ${expected}`);
    expect(() => Field(reference, options)({}, 'value')).toThrow(expect.objectContaining({ code: 'WM_FIELD_TIME' }));
  });
});

describe('@Field: its place', () => {
  class C {}

  it.each<[string, object, any, object, string]>([
    ['a static member', C, 'n', {}, '@Field on C.n: a static member is not a field of an element. Remove @Field.'],
    [
      'a symbol',
      C.prototype,
      Symbol('s'),
      {},
      '@Field on C.Symbol(s): a symbol has no name in JSON. Give the field a name.',
    ],
    [
      '__proto__',
      C.prototype,
      '__proto__',
      {},
      '@Field on C.__proto__: a field cannot be called "__proto__". Choose another name.',
    ],
    [
      'the name __proto__',
      C.prototype,
      'n',
      { name: '__proto__' },
      '@Field on C.n: a field cannot be called "__proto__". Choose another name.',
    ],
    ['no name', C.prototype, 'n', { name: '' }, '@Field on C.n: a field cannot be called "". Choose another name.'],
    [
      'constructor',
      C.prototype,
      'constructor',
      {},
      '@Field on C.constructor: every object has its class there. Give it another name, with { name }.',
    ],
  ])('%s is refused', (_name, target, key, options, expected) => {
    const decorate = Field(() => Number, options);
    expect(sentence(() => decorate(target, key))).toBe(expected);
    expect(() => decorate(target, key)).toThrow(expect.objectContaining({ code: 'WM_FIELD_PLACE' }));
  });

  it('as a decorator of the newer standard is refused', () => {
    const decorate = Field(() => Number) as any;
    expect(sentence(() => decorate(undefined, { kind: 'field', name: 'time' }))).toBe(
      '@Field on time was applied as a decorator of the newer standard, which does not show the class. Set ' +
        '"experimentalDecorators": true and "emitDecoratorMetadata": true in the tsconfig.json that your build reads.',
    );
  });

  it('after the class was used is refused', () => {
    class Used {}
    Message()(Used);
    schemaOf(Used);
    expect(sentence(() => Field(() => Number)(Used.prototype, 'n'))).toBe(
      '@Field on Used.n: the class is already in use. Declare all fields before the class is first used.',
    );
  });
});

describe('@Message', () => {
  it('describes the class, frozen', () => {
    const schema = schemaOf(Location);
    expect(schema).toMatchObject({ name: 'Location', message: Location, strict: false, codec: undefined });
    expect(
      schema.fields.map(({ name, property, optional, nullable }) => ({ name, property, optional, nullable })),
    ).toEqual([
      { name: 'time', property: 'time', optional: false, nullable: false },
      { name: 'x_m', property: 'x', optional: false, nullable: false },
      { name: 'valid', property: 'valid', optional: false, nullable: false },
    ]);
    for (const part of [schema, schema.fields, ...schema.fields]) expect(Object.isFrozen(part)).toBe(true);
  });

  it('refuses two fields of one name at declaration', () => {
    class Twice {}
    Field(() => Number, { name: 'n' })(Twice.prototype, 'a');
    Field(() => Number)(Twice.prototype, 'n');
    expect(sentence(() => Message()(Twice))).toBe(
      'Twice: the fields a and n are both called "n" in messages. Give one another name.',
    );
    expect(() => Message()(Twice)).toThrow(expect.objectContaining({ code: 'WM_FIELD_NAME_TWICE' }));
  });

  it.each<[any, string]>([
    [{ name: '' }, '@Message on C: its name must be a non-empty string.'],
    [{ name: 5 }, '@Message on C: its name must be a non-empty string.'],
    [{ name: 'c', strcit: true }, '@Message on C has no option "strcit". Did you mean strict?'],
    [{ strict: 'yes' }, '@Message on C: strict must be true or false, but is "yes".'],
    ['c', '@Message on C: expected an object of options, found "c". Write @Message(), or @Message({ name: "c" }).'],
    [{ codec: 'avro' }, '@Message on C: the codec "avro" is not known; leave it out, or write \'class-transformer\'.'],
  ])('refuses %p', (options, expected) => {
    class C {}
    expect(sentence(() => Message(options)(C))).toBe(expected);
    expect(() => Message(options)(C)).toThrow(expect.objectContaining({ code: 'WM_MESSAGE_OPTIONS' }));
  });

  it.each<[any, string]>([
    [
      class Plain {},
      'Expected a message class, found Plain. It carries no @Message: write @Message() above class Plain, and @Field() above its fields.',
    ],
    [
      undefined,
      'Expected a message class, found undefined. It is not a class (a circular import, or an import that was erased?).',
    ],
    [{}, 'Expected a message class, found {}. Give the class itself, not an element or a name.'],
  ])('is missing on %p', (value, expected) => {
    expect(sentence(() => schemaOf(value))).toBe(expected);
    expect(() => schemaOf(value)).toThrow(expect.objectContaining({ code: 'WM_NOT_A_MESSAGE_CLASS' }));
  });

  it('needs a class that can be constructed without arguments', () => {
    class Needs {
      readonly n: number;
      constructor(options: { n: number }) {
        this.n = options.n;
      }
    }
    Field(() => Number)(Needs.prototype, 'n');
    Message()(Needs);
    expect(sentence(() => readerOf(Needs))).toBe(
      `Needs cannot be made with new Needs(): its constructor threw: Cannot read properties of undefined (reading 'n'). ` +
        'Elements are made without arguments and filled afterwards: give the constructor none, or defaults.',
    );
    expect(() => readerOf(Needs)).toThrow(expect.objectContaining({ code: 'WM_MESSAGE_CONSTRUCTOR' }));
  });
});
