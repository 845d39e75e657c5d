import { Everything, Location } from './model.js';
import { variants } from './support/variants.js';

describe.each(variants)('message(), %s', (_variant, { message, Field, Message }) => {
  it('makes an element with these fields', () => {
    const element = message(Location, { time: 1, x: 2, valid: true });
    expect(element).toBeInstanceOf(Location);
    expect(Object.entries(element)).toEqual([
      ['time', 1],
      ['x', 2],
      ['valid', true],
    ]);
  });

  it('keeps what the class itself gives, and takes undefined over it', () => {
    const init = { count: 1 } as any;
    expect(message(Everything, init)).toEqual({ count: 1, size: 3, rate: 5 });
    expect(message(Everything, { ...init, size: 4, rate: undefined })).toEqual({ count: 1, size: 4, rate: undefined });
  });

  it('takes members that are no fields', () => {
    class Member {
      n!: number;
      cache?: string;
    }
    Field(() => Number)(Member.prototype, 'n');
    Message()(Member);
    expect(message(Member, { n: 1, cache: 'c' })).toEqual({ n: 1, cache: 'c' });
  });

  it('does not let an own __proto__ change the element', () => {
    const element = message(Location, JSON.parse('{"time":1,"x":2,"valid":true,"__proto__":{"polluted":true}}'));
    expect(Object.getPrototypeOf(element)).toBe(Location.prototype);
    expect((element as any).polluted).toBeUndefined();
  });

  it('takes no inherited toString for a field', () => {
    class Odd {
      n!: number;
    }
    Field(() => Object)(Odd.prototype, 'toString');
    Field(() => Number)(Odd.prototype, 'n');
    Message()(Odd);
    expect(Object.keys(message(Odd, { n: 1 }))).toEqual(['n']);
  });

  it('refuses a class that is none', () => {
    expect(() => message(class Plain {}, {})).toThrow(expect.objectContaining({ code: 'WM_NOT_A_MESSAGE_CLASS' }));
  });
});

describe('message(), to the compiler', () => {
  it('refuses what is missing, of another type, or too much', () => {
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
