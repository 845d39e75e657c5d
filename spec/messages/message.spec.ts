import { Everything, Location } from './model.js';
import { variants } from './support/variants.js';

describe.each(variants)('message(), %s', (_variant, { message, Field, Message }) => {
  it('creates an element with these fields', () => {
    const element = message(Location, { time: 1, x: 2, valid: true });
    expect(element).toBeInstanceOf(Location);
    expect(Object.entries(element)).toEqual([
      ['time', 1],
      ['x', 2],
      ['valid', true],
    ]);
  });

  it('keeps the defaults of the class, and sets an explicit undefined', () => {
    const init = { count: 1 } as any;
    expect(message(Everything, init)).toEqual({ count: 1, size: 3, rate: 5 });
    expect(message(Everything, { ...init, size: 4, rate: undefined })).toEqual({ count: 1, size: 4, rate: undefined });
  });

  it('sets members that are not fields', () => {
    class Member {
      n!: number;
      cache?: string;
    }
    Field(() => Number)(Member.prototype, 'n');
    Message()(Member);
    expect(message(Member, { n: 1, cache: 'c' })).toEqual({ n: 1, cache: 'c' });
  });

  it('refuses a member with nearly the name of a field that is missing, or with its name in messages', () => {
    const refusal = (init: object) => {
      try {
        return message(Location, init as any);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal({ tiem: 1, x: 2, valid: true })).toBe(
      'message(Location): Location has no field "tiem", and time is missing. Did you mean time?',
    );
    expect(refusal({ time: 1, x: 2, isValid: true })).toMatch('Did you mean valid?');
    expect(refusal({ time: 1, x: 2, valid: true, vaild: false })).toMatchObject({ valid: true, vaild: false });
    class Noted {
      n!: number;
      note?: string;
    }
    Field(() => Number)(Noted.prototype, 'n');
    Field(() => String, { optional: true })(Noted.prototype, 'note');
    Message()(Noted);
    // It may be a member of the class without @Field.
    expect(message(Noted, { n: 1, notes: 'a' } as any)).toMatchObject({ n: 1, notes: 'a' });
    class Knots {
      windKnots!: number;
    }
    Field(() => Number, { name: 'wk' })(Knots.prototype, 'windKnots');
    Message()(Knots);
    expect(() => message(Knots, { wk: 5 } as any)).toThrow(
      expect.objectContaining({
        code: 'WM_MESSAGE_MEMBER',
        message: expect.stringContaining('Did you mean windKnots?'),
      }),
    );
  });

  it.each([undefined, null, 5, 'time', () => ({})])('refuses %p instead of an object with the fields', (init) => {
    expect(() => message(Location, init as any)).toThrow(
      expect.objectContaining({
        code: 'WM_MESSAGE_MEMBER',
        message: expect.stringMatching(
          /^message\(Location\): expected an object with the fields of Location after the class, found .+\. Write message\(Location, \{ … \}\)\.$/,
        ),
      }),
    );
  });

  it('takes no name for another with which it has no letter in common', () => {
    class Point {
      x!: number;
    }
    Field(() => Number)(Point.prototype, 'x');
    Message()(Point);
    expect(message(Point, { y: 1 } as never)).toEqual({ y: 1 });
    expect(() => message(Point, { X: 1 } as never)).toThrow('Did you mean x?');
  });

  it('does not let an own __proto__ change the element', () => {
    const element = message(Location, JSON.parse('{"time":1,"x":2,"valid":true,"__proto__":{"polluted":true}}'));
    expect(Object.getPrototypeOf(element)).toBe(Location.prototype);
    expect((element as any).polluted).toBeUndefined();
  });

  it('does not take an inherited toString for a field', () => {
    class Odd {
      n!: number;
    }
    Field(() => Object)(Odd.prototype, 'toString');
    Field(() => Number)(Odd.prototype, 'n');
    Message()(Odd);
    expect(Object.keys(message(Odd, { n: 1 }))).toEqual(['n']);
  });

  it('refuses a value that is not a class', () => {
    expect(() => message(class Plain {}, {})).toThrow(expect.objectContaining({ code: 'WM_NOT_A_MESSAGE_CLASS' }));
  });
});

describe('message(), to the compiler', () => {
  it('refuses missing members, other types and unknown members', () => {
    const [, messages] = variants[0]!;
    const make = (): void => {
      // @ts-expect-error x and valid are missing
      messages.message(Location, { time: 1 });
      // @ts-expect-error x is a number
      messages.message(Location, { time: 1, x: '2', valid: true });
      // @ts-expect-error y is no field
      messages.message(Location, { time: 1, x: 2, y: 3, valid: true });
    };
    expect(make).not.toThrow();
  });
});
