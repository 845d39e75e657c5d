import { variants } from './support/variants.js';

/** Returns the error of a call. */
function thrownBy(call: () => unknown): any {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe.each(variants)(
  'a field that cannot be assigned, %s',
  (_variant, { Field, Message, alias, message, readerOf, writerOf }) => {
    /** A message class with number fields of these names. */
    function declare<C extends new (...args: any[]) => any>(cls: C, ...names: string[]): C {
      for (const name of names) Field(() => Number)(cls.prototype, name);
      Message()(cls);
      return cls;
    }

    class Getter {
      get a(): number {
        return 1;
      }
    }
    class Frozen {
      a!: number;
      constructor(a?: number) {
        if (a !== undefined) this.a = a;
        Object.freeze(this);
      }
    }
    class Sealed {
      a!: number;
      constructor() {
        Object.seal(this);
      }
    }
    class Extended extends Getter {}
    class Fixed {
      a!: number;
      constructor() {
        Object.defineProperty(this, 'a', { value: 1 });
      }
    }
    class ReadOnly {
      a!: number;
    }
    Object.defineProperty(ReadOnly.prototype, 'a', { value: 1 });
    const getter = 'has a getter and no setter';
    const added = 'cannot be added: the constructor has frozen or sealed the element';
    const classes: [name: string, cls: any, obstacle: string][] = [
      ['a getter', declare(Getter, 'a'), getter],
      ['a getter of a base class', declare(Extended, 'a'), getter],
      ['a getter under an alias', alias(Getter, 'Other'), getter],
      ['an element that freezes itself', declare(Frozen, 'a'), added],
      ['an element that seals itself', declare(Sealed, 'a'), added],
      ['a read-only property', declare(Fixed, 'a'), 'is read-only'],
      ['a read-only property of the class', declare(ReadOnly, 'a'), 'is read-only'],
    ];

    it.each(classes)('is refused by reading and by message(): %s', (_name, cls, obstacle) => {
      const refusal = thrownBy(() => readerOf(cls)({ a: 5 }));
      expect(refusal).toMatchObject({ code: 'WM_FIELD_PLACE', details: { field: 'a' } });
      expect(refusal.message).toContain(`${obstacle}, so no value can be stored in it.`);
      expect(thrownBy(() => message(cls, { a: 5 } as any)).message).toBe(refusal.message);
      expect(thrownBy(() => readerOf(cls, { deserializer: (value: any) => ({ ...value }) })({ a: 5 })).message).toBe(
        refusal.message,
      );
    });

    it('is also refused inside another class', () => {
      class Outer {
        inner!: Getter;
      }
      Field(() => Getter)(Outer.prototype, 'inner');
      Message()(Outer);
      expect(thrownBy(() => readerOf(Outer)({ inner: { a: 5 } })).message).toContain('The field a of Getter');
    });

    it('is still written, and read if the elements are created elsewhere', () => {
      expect(writerOf(Getter as any)(new Getter())).toBe('{"a":1}');
      const read = readerOf(Frozen, { deserializer: ({ a }: any) => new Frozen(a) });
      expect(read({ a: 5 })).toEqual({ a: 5 });
      const frozen = new Frozen(6);
      expect(readerOf(Frozen)(frozen)).toBe(frozen);
    });

    it('may be an accessor that stores its value', () => {
      class Kept {
        #a = 0;
        #at = new Date(0);
        get a(): number {
          return this.#a;
        }
        set a(value: number) {
          this.#a = value;
        }
        get at(): Date {
          return new Date(this.#at);
        }
        set at(value: Date) {
          this.#at = value;
        }
      }
      declare(Kept, 'a');
      const Two = class extends Kept {};
      Field(() => Date)(Two.prototype, 'at');
      Message({ name: 'Two' })(Two);
      const read = readerOf(Two)({ a: 5, at: 7 });
      expect([read.a, read.at]).toEqual([5, new Date(7)]);
      expect(message(Kept as any, { a: 6 } as any)).toMatchObject({ a: 6 });
    });

    it('is refused if its setter stores another value', () => {
      class Doubled {
        #a = 0;
        get a(): number {
          return this.#a;
        }
        set a(value: number) {
          this.#a = 2 * value;
        }
      }
      declare(Doubled, 'a');
      const sentence =
        'The field a of Doubled was given the number 5, and holds the number 10: its setter makes another value of it.';
      const refusal = thrownBy(() => readerOf(Doubled)({ a: 5 }));
      expect(refusal).toMatchObject({ code: 'WM_FIELD_PLACE' });
      expect(refusal.message).toContain(sentence);
      expect(thrownBy(() => message(Doubled, { a: 5 })).message).toContain(sentence);
      expect(readerOf(Doubled)({ a: 0 }).a).toBe(0);
    });

    it('is a bad message if its setter throws', () => {
      class Positive {
        #a = 1;
        get a(): number {
          return this.#a;
        }
        set a(value: number) {
          if (value <= 0) throw new Error('it must be above 0');
          this.#a = value;
        }
      }
      declare(Positive, 'a');
      const problem = thrownBy(() => readerOf(Positive)({ a: -1 }));
      expect(problem).toMatchObject({ name: 'FieldProblem', path: 'a' });
      expect(problem.message).toBe('field a: its setter threw: it must be above 0.');
      expect(readerOf(Positive)({ a: 3 }).a).toBe(3);
    });
  },
);

describe.each(variants)('a member without @Field, %s', (_variant, { Field, Message, alias, readerOf, message }) => {
  class Row {
    n!: number;
    s = 'none';
    t: string | undefined = undefined;
  }
  Field(() => Number)(Row.prototype, 'n');
  Message()(Row);

  it.each(['s', 't'])('is refused where the messages have it: %s', (member) => {
    const refusal = thrownBy(() => readerOf(Row)({ n: 1, [member]: 'x' }));
    expect(refusal).toMatchObject({ code: 'WM_FIELD_UNDECLARED', details: { message: 'Row', field: member } });
    expect(refusal.message).toContain(`Row.${member} carries no @Field, but the messages have a member ${member}`);
  });

  it('does not matter if other classes lack it, also for elements that are read as another class', () => {
    expect(readerOf(Row)({ n: 1 })).toEqual({ n: 1, s: 'none', t: undefined });
    const Other = alias(Row, 'Other');
    const row = Object.assign(message(Row as any, { n: 1 } as any) as Row, { s: 'mine' });
    expect(readerOf(Other, {}, { acceptPropertyNames: true })(row)).toEqual({ n: 1, s: 'none', t: undefined });
  });
});

describe.each(variants)(
  'what two elements do not share, %s',
  (_variant, { Field, Message, message, readerOf, alias }) => {
    const constant = { list: [1] };
    class Inner {
      n!: number;
    }
    Field(() => Number)(Inner.prototype, 'n');
    Message()(Inner);
    class Outer {
      free!: any;
      at!: Date;
      inner!: Inner;
      all!: Inner[];
      fixed: any = constant;
    }
    Field(() => Object)(Outer.prototype, 'free');
    Field(() => Date)(Outer.prototype, 'at');
    Field(() => Inner)(Outer.prototype, 'inner');
    Field(() => [Inner])(Outer.prototype, 'all');
    Field(() => Object)(Outer.prototype, 'fixed');
    Message()(Outer);

    const value = () => ({
      free: { a: [1] },
      at: new Date(5),
      inner: message(Inner, { n: 1 }),
      all: [message(Inner, { n: 2 })],
    });

    /** Changes everything nested in an element. */
    const spoil = (element: any): void => {
      element.free.a.push('spoilt');
      element.at.setTime(0);
      element.inner.n = 'spoilt';
      element.all[0].n = 'spoilt';
    };

    it.each([
      ['plain objects', {}],
      ['a deserializer', { deserializer: (raw: any) => ({ ...raw }) }],
      ['a deserializer that makes elements', { deserializer: (raw: any) => Object.assign(new Outer(), raw) }],
    ])('parts of a value shared with others: %s', (_name, codec) => {
      const given = value();
      const options = { acceptPropertyNames: true, sharesValues: true };
      const one = readerOf(Outer, codec, options)(given);
      expect(one).toBeInstanceOf(Outer);
      expect(one.inner).toBeInstanceOf(Inner);
      expect(one).toEqual({ ...value(), fixed: constant });
      spoil(one);
      expect(given).toEqual(value());
    });

    it('parts of an element that is read as another class', () => {
      const given = Object.assign(new Outer(), value());
      spoil(readerOf(alias(Outer, 'Other'), {}, { acceptPropertyNames: true, sharesValues: true })(given));
      expect(given).toEqual({ ...value(), fixed: constant });
    });

    it('a constant of their class', () => {
      const read = readerOf(Outer);
      read(value()).fixed.list.push('spoilt');
      expect(read(value()).fixed).toEqual({ list: [1] });
      expect(constant).toEqual({ list: [1] });
    });
  },
);
