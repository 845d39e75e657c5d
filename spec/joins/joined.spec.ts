import { Joined } from '../../lib/joins/joined.js';
import { WindowBounds } from '../../lib/joins/window-bounds.js';
import { Field, Message, message } from '../../lib/messages/index.js';

@Message()
class Here {
  @Field() n!: number;
}

@Message()
class There {
  @Field() n!: number;
}

test('a Joined is a Map with of() and first()', () => {
  const joined = new Joined<string, number>([
    ['here', [1, 2]],
    ['alone', []],
  ]);
  expect(joined).toBeInstanceOf(Map);
  expect(joined.of('here')).toBe(joined.get('here'));
  expect(joined.first('here')).toBe(1);
  expect([joined.of('alone'), joined.first('alone')]).toEqual([[], undefined]);
  expect([joined.of('nobody'), joined.first('nobody'), joined.has('nobody')]).toEqual([[], undefined, false]);
});

test.each<[unknown, string]>([
  [undefined, 'found undefined. An element of a left join may be missing: check for that first.'],
  [null, 'found null. An element of a left join may be missing: check for that first.'],
  [[{}], 'found [{}]. Ask for each of them: elements.map((element) => joined.METHOD(element)).'],
  [WindowBounds, 'found the class WindowBounds. Give the element itself.'],
])('a Joined has no group for %p', (parent, sentence) => {
  const joined = new Joined<any, number>([[{}, [1]]]);
  for (const method of ['of', 'first'] as const) {
    const text = `Joined.${method}(): expected an element of the parent stream, ${sentence.replace('METHOD', method)}`;
    expect(() => joined[method](parent)).toThrow(expect.objectContaining({ code: 'WM_JOINED', message: text }));
  }
});

describe('a Joined with groups of elements', () => {
  const here = message(Here, { n: 1 });
  class Special extends Here {}
  const special = Object.assign(new Special(), { n: 2 });
  const joined = new Joined<any, number>([
    [here, [1]],
    [special, [2]],
  ]);

  test.each<[string, unknown, string]>([
    ['a copy of an element', { ...here }, 'found { n: 1 }. A copy has no group: give the element that the call got.'],
    ['an element of another class', message(There, { n: 1 }), 'found There { n: 1 }. Give an element of Here.'],
    ['itself', joined, 'found Joined {}. A copy has no group: give the element that the call got.'],
  ])('has none for %s', (_, parent, sentence) => {
    for (const method of ['of', 'first'] as const) {
      const text = `Joined.${method}(): expected an element of the parent stream, Here, ${sentence}`;
      expect(() => joined[method](parent)).toThrow(expect.objectContaining({ code: 'WM_JOINED', message: text }));
    }
  });

  test('has an empty one for an element of another call', () => {
    expect(joined.of(message(Here, { n: 1 }))).toEqual([]);
    expect(joined.of(new Special())).toEqual([]);
    expect([joined.first(here), joined.first(special)]).toEqual([1, 2]);
  });
});

test('bounds have the borders of a window', () => {
  expect(new WindowBounds(0, 60)).toMatchObject({ start: 0, end: 60 });
});
