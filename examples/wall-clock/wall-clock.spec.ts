import { VirtualClock } from '../../spec/support/virtual-clock.js';
import { makeMill } from './mill.js';

it('prints the time every second', async () => {
  const clock = new VirtualClock();
  const printed: string[] = [];
  const run = makeMill((line) => printed.push(line), 3, clock).run();
  await clock.advance(3_000);
  await run;
  expect(printed).toHaveLength(3);
  const seconds = printed.map((line) => Number(line.slice(6)));
  expect(printed.every((line) => /^\d\d:\d\d:\d\d$/.test(line))).toBe(true);
  expect(seconds.slice(1).map((second, i) => (second - seconds[i]! + 60) % 60)).toEqual([1, 1]);
});
