import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Line, Word } from './messages.js';
import { files, makeMill } from './mill.js';

describe('without duplicates', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('leaves out what has come before, in the same line as well', async () => {
    const texts = ['to be or not to be', '', ' or  so'];
    const broker = new MemoryMessageBroker([[Line, texts.map((text) => ({ text }))]]);
    await makeMill(broker).run();
    expect(broker.written(Word).map(({ word }) => word)).toEqual(['to', 'be', 'or', 'not', 'so']);
  });
});
