import { MemoryMessageBroker, WaterMill } from 'watermill';
import { Entry, Line, Sentence } from './messages.js';
import { oddNumbers, overNumbers, seen, tenMore, withKey, words } from './mill.js';

async function printed(make: (print: (line: string) => void) => WaterMill): Promise<string[]> {
  const lines: string[] = [];
  await make((line) => lines.push(line)).run();
  return lines;
}

it('prints what the original page shows', async () => {
  expect(await printed((print) => overNumbers(oddNumbers, 4, print))).toEqual(['1', '3']);
  expect(await printed((print) => overNumbers(tenMore, 3, print))).toEqual(['10', '11', '12']);
  expect(await printed((print) => overNumbers(seen(print), 3, print))).toEqual(
    [0, 1, 2].map((n) => `Saw ${n} @ ${n} in lane 0`),
  );
});

it('drops entries without a key', async () => {
  const broker = new MemoryMessageBroker([[Entry, [{ key: 'a', value: 1 }, { value: 2 }, { key: 'b', value: 3 }]]]);
  await new WaterMill({ process: withKey, broker }).run();
  expect(broker.written(Line).map(({ text }) => text)).toEqual(['a: 1', 'b: 3']);
});

it('splits sentences into words', async () => {
  const broker = new MemoryMessageBroker([[Sentence, [{ text: 'hello world' }]]]);
  await new WaterMill({ process: words, broker }).run();
  expect(broker.written(Line).map(({ text }) => text)).toEqual(['hello', 'world']);
});
