import { systemClock } from '../../lib/base/clock.js';
import { settled } from '../support/virtual-clock.js';

describe('the clock of the system', () => {
  it('waits for what is longer than a timer of Node can be', async () => {
    const warnings: string[] = [];
    const warn = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', warn);
    const cancel = systemClock.setTimer(2 ** 40, () => warnings.push('called'));
    await settled();
    cancel();
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});
