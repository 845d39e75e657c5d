import { replay } from '../support/replay.js';
import { files, makeMill } from './mill.js';

it('prints the windows of the last three seconds', async () => {
  const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
  expect(written).toEqual(expected);
});
