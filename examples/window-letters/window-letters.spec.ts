import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Letter, WindowOfLetters } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (second: number) => new Date(Date.UTC(2022, 0, 1, 0, 0, second));

describe('window letters', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('has windows for each key, and none without letters', async () => {
    const letters = [
      { key: 'x', time: at(1), val: 'a' },
      { key: 'y', time: at(2), val: 'b' },
      { key: 'x', time: at(35), val: 'c' },
    ];
    const broker = new MemoryMessageBroker([[Letter, letters]]);
    await makeMill(broker).run();
    expect(broker.written(WindowOfLetters).map(({ key, start, letters }) => [key, start, letters])).toEqual([
      ['x', at(0), ['a']],
      ['y', at(0), ['b']],
      ['x', at(30), ['c']],
    ]);
  });
});
