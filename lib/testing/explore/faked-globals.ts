import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import timersPromises from 'node:timers/promises';
import type { Clock } from '../../base/clock.js';
import { realProcess } from './real-process.js';
import type { Schedule } from './schedule.js';
import { randomNumbers } from './seeded.js';

/** A part of the environment that a process may read. */
export type Source =
  | 'Date'
  | 'performance.now()'
  | 'performance.timeOrigin'
  | 'process.hrtime()'
  | 'process.uptime()'
  | 'Math.random()'
  | 'crypto.randomUUID()'
  | 'crypto.getRandomValues()'
  | 'node:crypto'
  | 'process.pid'
  | 'os.hostname()'
  | 'timers';

/** The value of `Date.now()` in an undisturbed run: results that depend on it are the same in every exploration. */
const beginning = Date.UTC(2024, 0, 1);
/** If disturbed, no two readings of a clock are the same. Milliseconds. */
const driftMs = 7;
/** Above the highest process id of Linux and macOS: a call that signals itself must not reach another process. */
const noPid = 2 ** 22;

/**
 * Replaces `Date`, `performance.now()` and `timeOrigin`, `process.hrtime()`, `Math.random()` and `crypto.randomUUID()`
 * while mills are explored, by the schedule, and notes their uses; `process.uptime()`, `crypto.getRandomValues()` and
 * `node:crypto` only within calls. On another machine also the time zone, and within calls `process.pid` and
 * `os.hostname()`. `restore` undoes everything.
 */
export class FakedGlobals {
  private readonly restores: (() => void)[] = [];
  private reads = 0;

  constructor(
    private readonly schedule: Schedule,
    private readonly clock: Clock,
    /** Notes the use of a source. Returns whether a call is in progress. */
    private readonly note: (source: Source) => boolean,
  ) {
    try {
      this.replaceAll();
    } catch (error) {
      // A frozen global cannot be replaced.
      this.restore();
      throw error;
    }
  }

  restore(): void {
    for (const restore of this.restores.splice(0).reverse()) restore();
    syncBuiltinESMExports();
  }

  private replaceAll(): void {
    const { schedule, note } = this;
    const number = randomNumbers(schedule.random);
    this.replace(globalThis, 'Date', this.fakeDate(globalThis.Date));
    this.replace(globalThis.performance, 'now', () => this.elapsed('performance.now()'));
    this.replaceTimeOrigin();
    this.replace(process, 'hrtime', this.fakeHighResolution());
    const { uptime } = process;
    // Other code measures spans with it.
    this.replace(process, 'uptime', () => {
      const isFaked = note('process.uptime()');
      return isFaked ? this.elapsed('process.uptime()') / 1_000 : uptime();
    });
    this.replaceFormats();
    this.replace(Math, 'random', () => {
      note('Math.random()');
      return number();
    });
    this.replace(globalThis.crypto, 'randomUUID', () => {
      note('crypto.randomUUID()');
      return uuid(number);
    });
    this.replaceCrypto(number);
    for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
      this.replace(globalThis, name, this.noted(globalThis[name]));
    }
    this.replace(timersPromises, 'setTimeout', this.noted(timersPromises.setTimeout));
    if (schedule.zone !== undefined) this.replaceMachine(schedule.zone);
    syncBuiltinESMExports();
  }

  /** Milliseconds since the process started, as it sees them. */
  private elapsed(source: Source): number {
    this.note(source);
    const { laterMs } = this.schedule;
    if (laterMs !== 0) this.reads++;
    return Math.abs(laterMs) + this.reads * driftMs + this.clock.now();
  }

  /** When the process started. */
  private get start(): number {
    const { laterMs } = this.schedule;
    return beginning + laterMs - Math.abs(laterMs);
  }

  private replaceTimeOrigin(): void {
    // An environment of a test runner may have no such clock.
    if ((globalThis.performance as { timeOrigin: number } | undefined)?.timeOrigin === undefined) return;
    const get = (): number => {
      this.note('performance.timeOrigin');
      return this.start;
    };
    this.define(globalThis.performance, 'timeOrigin', { get });
  }

  /** Like Date in everything except the time: earlier and new Dates are instances of it. */
  private fakeDate(real: DateConstructor): DateConstructor {
    const now = (): number => this.start + this.elapsed('Date');
    const fake: DateConstructor = new Proxy(real, {
      construct: (target, args, made) =>
        Reflect.construct(target, args.length === 0 ? [now()] : args, made === fake ? target : made),
      apply: (target) => new target(now()).toString(),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    });
    return fake;
  }

  /** A format without a Date shows the current time. */
  private replaceFormats(): void {
    const prototype = Intl.DateTimeFormat.prototype;
    const { formatToParts } = prototype;
    const format = Object.getOwnPropertyDescriptor(prototype, 'format')?.get as () => Intl.DateTimeFormat['format'];
    this.replace(prototype, 'formatToParts', function (this: Intl.DateTimeFormat, date = new globalThis.Date()) {
      return formatToParts.call(this, date);
    });
    this.define(prototype, 'format', {
      get(this: Intl.DateTimeFormat) {
        const given = format.call(this);
        return (date = new globalThis.Date()) => given(date);
      },
    });
  }

  private fakeHighResolution(): NodeJS.HRTime {
    const now = (): bigint => BigInt(Math.round(this.elapsed('process.hrtime()') * 1e6));
    const hrtime = (since: readonly [number, number] = [0, 0]): [number, number] => {
      const ns = now() - (BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]));
      return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
    };
    return Object.assign(hrtime, { bigint: now });
  }

  /** Random values outside of calls are real: tokens and file names must stay unique. */
  private replaceCrypto(number: () => number): void {
    const { randomBytes, randomInt, randomUUID } = crypto;
    const isFaked = (): boolean => this.note('node:crypto');
    const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => Math.floor(number() * 256)));
    // An environment of a test runner may have no crypto.
    const getRandomValues = (globalThis.crypto as typeof globalThis.crypto | undefined)?.getRandomValues;
    this.replace(globalThis.crypto, 'getRandomValues', <T extends ArrayBufferView>(values: T): T => {
      // Also checks the values.
      const real = getRandomValues?.call(globalThis.crypto, values as never) as unknown as T;
      if (this.note('crypto.getRandomValues()'))
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes(values.byteLength));
      return real;
    });
    const int = (low: number, high: number): number => low + Math.floor(number() * (high - low));
    this.replace(crypto, 'randomUUID', (options?: crypto.RandomUUIDOptions) =>
      isFaked() ? uuid(number) : randomUUID(options),
    );
    this.replace(crypto, 'randomBytes', (...args: [size: number]) =>
      isFaked() && args.length === 1 ? bytes(args[0]) : randomBytes(...args),
    );
    this.replace(crypto, 'randomInt', (...args: number[]) => {
      if (!isFaked() || !args.every((arg) => typeof arg === 'number')) return randomInt(...(args as [number, number]));
      const high = args.pop()!;
      return int(args.pop() ?? 0, high);
    });
  }

  /** Node applies a new zone at once. Worker threads cannot change it. */
  private replaceMachine(zone: string): void {
    const { note } = this;
    const { env } = realProcess;
    const before = env.TZ;
    env.TZ = zone;
    this.restores.push(() => {
      if (before === undefined) delete env.TZ;
      else env.TZ = before;
    });
    const { pid } = process;
    // Other code names files, claims and clients with them.
    this.define(process, 'pid', { get: () => (note('process.pid') ? pid + noPid : pid) });
    const { hostname } = os;
    this.replace(os, 'hostname', () => (note('os.hostname()') ? `other-${hostname()}` : hostname()));
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
    this.define(owner, name, { value, writable: true });
  }

  private define(owner: object, name: string, descriptor: PropertyDescriptor): void {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { ...descriptor, configurable: true, enumerable: own?.enumerable });
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
