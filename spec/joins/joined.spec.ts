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

test('bounds hold the borders of a window', () => {
  expect(new WindowBounds(0, 60)).toMatchObject({ start: 0, end: 60 });
});
