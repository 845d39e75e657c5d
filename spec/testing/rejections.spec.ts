import { execFileSync } from 'node:child_process';
import path from 'node:path';

// In a separate process, over the built package: jest handles rejections itself.
it('explore detects an unhandled rejection, and listens only while it runs: other listeners are restored as they were', () => {
  const out = execFileSync(process.execPath, [path.join(__dirname, 'rejected.mjs')], { encoding: 'utf8' });
  expect(out.trim().split('\n')).toEqual([
    'rejection 1 The process starts something that it does not await. Await it, so that its failure is one of the call.',
    'no luck,no more luck 0',
  ]);
});
