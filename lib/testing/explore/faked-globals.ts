import type { Clock } from '../../base/clock.js';
import type { Schedule } from './schedule.js';
import { seeded } from './seeded.js';

/** Which of a process's surroundings it looks at. */
export type Source = 'Date' | 'performance.now()' | 'Math.random()' | 'crypto.randomUUID()' | 'timers';

/** What `Date.now()` is while nothing is disturbed: results that depend on it are the same in every exploration. */
const beginning = Date.UTC(2024, 0, 1);
/** Two readings of a clock are never the same, where it is disturbed. */
const driftMs = 7;

/**
 * While mills are explored, `Date`, `performance.now()`, `Math.random()` and `crypto.randomUUID()` give what the schedule
 * says, and are noted where they are used. Everything is as it was after `restore`.
 */
export class FakedGlobals {
  private readonly restores: (() => void)[] = [];
  private reads = 0;

  constructor(
    private readonly schedule: Schedule,
    private readonly clock: Clock,
    private readonly note: (source: Source) => void,
  ) {
    const number = seeded(schedule.random);
    this.replace(globalThis, 'Date', this.fakeDate(globalThis.Date));
    this.replace(globalThis.performance, 'now', () => this.now('performance.now()'));
    this.replace(Math, 'random', () => {
      note('Math.random()');
      return number();
    });
    this.replace(globalThis.crypto, 'randomUUID', () => {
      note('crypto.randomUUID()');
      return uuid(number);
    });
    for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
      this.replace(globalThis, name, this.noted(globalThis[name]));
    }
  }

  restore(): void {
    for (const restore of this.restores.splice(0).reverse()) restore();
  }

  private now(source: Source): number {
    this.note(source);
    const { laterMs } = this.schedule;
    if (laterMs > 0) this.reads++;
    return laterMs + this.reads * driftMs + this.clock.now();
  }

  /** As Date in everything but the time: what was made of it before is an instance, and so is what is made now. */
  private fakeDate(real: DateConstructor): DateConstructor {
    const now = (): number => beginning + this.now('Date');
    const fake: DateConstructor = new Proxy(real, {
      construct: (target, args, made) =>
        Reflect.construct(target, args.length === 0 ? [now()] : args, made === fake ? target : made),
      apply: (target) => new target(now()).toString(),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    });
    return fake;
  }

  private noted<F extends (...args: any[]) => unknown>(timer: F): F {
    return new Proxy(timer, {
      apply: (target, self, args) => {
        this.note('timers');
        return Reflect.apply(target, self, args);
      },
    });
  }

  private replace(owner: object | undefined, name: string, value: unknown): void {
    if (owner === undefined || !(name in owner)) return;
    const own = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: own?.enumerable });
    this.restores.push(() => {
      if (own === undefined) delete (owner as Record<string, unknown>)[name];
      else Object.defineProperty(owner, name, own);
    });
  }
}

function uuid(number: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(number() * 16).toString(16)).join('');
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20)].join('-');
}
