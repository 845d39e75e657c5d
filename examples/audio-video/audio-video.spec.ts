import { replay } from '../support/replay.js';
import { byFrameIndex, byTime, files, makeMill } from './mill.js';

describe('audio and video', () => {
  it.each([
    ['the time of a frame', byTime],
    ['the number of a frame', byFrameIndex],
  ])('are joined by %s, with equal results', async (_, tree) => {
    const { written, expected, report } = await replay(__dirname, (samples, out) =>
      makeMill(files(samples, out), tree),
    );
    expect(written).toEqual(expected);
    // The camera was switched on after the microphone, and off before it; for one second there was no sound.
    expect(report.nodes.map(({ name, passedOver }) => [name, passedOver])).toEqual([
      ['AudioFrame', 2],
      ['VideoFrame', 4],
    ]);
  });
});
