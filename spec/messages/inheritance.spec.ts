import {
  alias,
  Field,
  isMessageClass,
  Message,
  message,
  readerOf,
  schemaOf,
  writerOf,
} from '../../lib/messages/index.js';
import { Location } from './model.js';
import { sentence } from './support/variants.js';

@Message({ name: 'base', strict: true })
class Base {
  @Field() a!: number;
  @Field() b!: number;
}

@Message()
class Derived extends Base {
  @Field() c!: string;
  @Field(() => Number, { name: 'B', optional: true }) override b!: number;
}

class Bare extends Derived {}

@Message()
class Named extends alias(Location, 'Next') {}

class NamedBare extends alias(Location, 'Next') {}

describe('classes that extend message classes', () => {
  it('have the fields of their bases, and may redeclare them', () => {
    const fields = schemaOf(Derived).fields.map(({ property, name, optional }) => [property, name, optional]);
    expect(fields).toEqual([
      ['a', 'a', false],
      ['b', 'B', true],
      ['c', 'c', false],
    ]);
    expect(schemaOf(Base).fields.map((field) => field.name)).toEqual(['a', 'b']);
  });

  it.each([
    [Base, 'base'],
    [Derived, 'Derived'],
    [Bare, 'Bare'],
    [Named, 'Named'],
    [NamedBare, 'NamedBare'],
    [alias(Location, 'robot-3'), 'robot-3'],
    [class extends alias(Location, 'robot-4') {}, 'robot-4'],
  ])('%p is called by its own name: %s', (cls, name) => {
    expect(schemaOf<unknown>(cls).name).toBe(name);
  });

  it('inherit every option that they do not set', () => {
    expect(schemaOf(Derived).strict).toBe(true);
    expect(sentence(() => readerOf(Bare)({ a: 1, c: 'c', d: 1 }))).toContain(
      'field d must be left out, since Bare is strict',
    );
  });

  it('create elements of their own class', () => {
    const element = readerOf(NamedBare)({ time: 1, x_m: 2, valid: true });
    expect(element).toBeInstanceOf(NamedBare);
    expect(writerOf(NamedBare)(element)).toBe('{"time":1,"x_m":2,"valid":true}');
  });
});

describe('alias', () => {
  it('is a separate class over the class that it stands for', () => {
    const [a, b] = [alias(Location, 'a'), alias(Location, 'b')];
    expect(a.name).toBe('a');
    expect(message(a, { time: 1, x: 2, valid: true })).toBeInstanceOf(Location);
    expect(message(a, { time: 1, x: 2, valid: true })).not.toBeInstanceOf(b);
  });

  it('refuses other classes, and empty names', () => {
    expect(sentence(() => alias(class Plain {}, 'x'))).toContain('Expected a message class, found Plain.');
    expect(sentence(() => alias(Location, ''))).toContain('its name must be a non-empty string');
  });
});

describe('isMessageClass', () => {
  it.each([
    [Location, true],
    [Bare, true],
    [class Plain {}, false],
    [() => 1, false],
    [{}, false],
    [undefined, false],
  ])('%p: %p', (value, expected) => {
    expect(isMessageClass(value)).toBe(expected);
  });
});
