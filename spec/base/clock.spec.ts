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

describe('a time that is longer than the timers of Node support', () => {
  const day = 24 * 60 * 60 * 1000;
  /** The system's clock over timers that are advanced by hand; each counts its time. */
  function clockOf() {
    const timers = new Map<object, { readonly at: number; readonly callback: () => void }>();
    let now = 0;
    const setTimeout = (callback: () => void, ms: number): object => {
      const timer = {};
      timers.set(timer, { at: now + ms, callback });
      return timer;
    };
    const clearTimeout = (timer: object): void => void timers.delete(timer);
    let clock!: typeof systemClock;
    jest.isolateModules(() => {
      jest.doMock('node:timers', () => ({ ...jest.requireActual('node:timers'), setTimeout, clearTimeout }));
      clock = require('../../lib/base/clock.js').systemClock;
      jest.dontMock('node:timers');
    });
    const advance = (ms: number): void => {
      for (const end = now + ms; now < end; ) {
        const next = [...timers].sort(([, a], [, b]) => a.at - b.at)[0];
        now = Math.min(end, next?.[1].at ?? end);
        if (next === undefined || next[1].at > now) continue;
        timers.delete(next[0]);
        next[1].callback();
      }
    };
    return { clock, advance, timers };
  }

  it('is waited for', () => {
    const { clock, advance } = clockOf();
    const called: number[] = [];
    clock.setTimer(60 * day, () => called.push(60));
    advance(60 * day - 1);
    expect(called).toEqual([]);
    advance(1);
    expect(called).toEqual([60]);
  });

  it('can be cancelled at any moment', () => {
    for (const days of [1, 30, 55]) {
      const { clock, advance, timers } = clockOf();
      const cancel = clock.setTimer(60 * day, () => {
        throw new Error('cancelled');
      });
      advance(days * day);
      cancel();
      expect(timers.size).toBe(0);
    }
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
