import { Joined } from '../../lib/joins/joined.js';
import { WindowBounds } from '../../lib/joins/window-bounds.js';

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

test('bounds have the borders of a window', () => {
  expect(new WindowBounds(0, 60)).toMatchObject({ start: 0, end: 60 });
});
