import { systemClock } from '../../lib/base/clock.js';
import { settled, VirtualClock } from '../support/virtual-clock.js';

describe('the system clock', () => {
  it('supports timeouts longer than those of Node', async () => {
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

describe('a manual clock', () => {
  it('fires timers in the order of their times, and those of the same time in the order in which they were set', async () => {
    const clock = new VirtualClock();
    const called: string[] = [];
    const note = (name: string) => () => void called.push(`${name} at ${clock.now()}`);
    clock.setTimer(20, note('third'));
    clock.setTimer(10, note('first'));
    clock.setTimer(10, () => {
      note('second')();
      clock.setTimer(10, note('fourth'));
      clock.setTimer(0, note('at once'));
    });
    clock.setTimer(21, note('late'));
    await clock.advance(20);
    expect(called).toEqual(['first at 10', 'second at 10', 'at once at 10', 'third at 20', 'fourth at 20']);
    expect([clock.now(), clock.pending]).toEqual([20, 1]);
  });
});
