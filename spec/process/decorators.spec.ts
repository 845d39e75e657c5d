import { Inject } from '../../lib/mill/process/inject.js';
import { Process } from '../../lib/mill/process/process.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { Unmatched } from '../../lib/mill/process/unmatched.js';
import { Location } from '../plan/model.js';
import { refusal } from '../support/refusal.js';

class Meter {
  measure(): void {}
  static measure(): void {}
  get speed(): number {
    return 1;
  }
}

const descriptorOf = (target: object, key: string): any => Object.getOwnPropertyDescriptor(target, key);

describe('decorators of a process', () => {
  it('are refused on anything but an instance method', () => {
    expect(refusal(() => Process()(Meter, 'measure', descriptorOf(Meter, 'measure')))).toEqual({
      code: 'WM_PROCESS_DECORATOR',
      message:
        '@Process() on Meter.measure: it is a static method; the mill calls a method of an instance. Remove `static`.',
    });
    expect(refusal(() => Process()(Meter.prototype, 'speed', descriptorOf(Meter.prototype, 'speed'))).message).toBe(
      '@Process() on Meter.speed: expected a method, found an accessor. Write it as a method: `speed(…) { … }`.',
    );
    expect(refusal(() => Unmatched()(Meter.prototype, 'name', undefined as any)).message).toMatch(
      '@Unmatched() on Meter.name: expected a method, found a property.',
    );
  });

  it('report a build that uses decorators of the newer standard', () => {
    const context = { kind: 'method', name: 'measure' } as any;
    for (const apply of [Process(), Unmatched(), Inject('token')] as any[]) {
      const { code, message } = refusal(() => apply(() => {}, context));
      expect(code).toBe('WM_PROCESS_DECORATOR');
      expect(message).toMatch(
        'Set "experimentalDecorators": true and "emitDecoratorMetadata": true in the tsconfig.json',
      );
    }
  });

  it('@Inject is refused on constructors, and with a missing token', () => {
    expect(refusal(() => Inject('units')(Meter, undefined, 0)).message).toBe(
      '@Inject() on parameter 1 of the constructor of Meter: it serves the process method. In a constructor use your ' +
        "container's own decorator, tsyringe's `@inject(token)`.",
    );
    expect(refusal(() => Inject(undefined as any)(Meter.prototype, 'measure', 1)).message).toMatch(
      '@Inject() on parameter 2 of Meter.measure: the token is undefined. In a circular import',
    );
  });
});

describe('processFunction', () => {
  it('keeps its arguments, frozen', () => {
    const made = processFunction(Location, {}, () => {});
    expect(made).toMatchObject({ what: 'process', source: Location });
    expect(Object.isFrozen(made)).toBe(true);
  });

  it('refuses invalid arguments', () => {
    const make = processFunction as any;
    const expected =
      'processFunction(source, options, fn): expected an object of options (at least `{}`) and a function';
    const fn = () => {};
    class Other {}
    const code = 'WM_PROCESS_FUNCTION';
    expect(refusal(() => make(Location, fn))).toEqual({
      code,
      message: `${expected}, found the function fn and undefined.`,
    });
    expect(refusal(() => make(Location, {}, fn, fn))).toMatchObject({
      code,
      message: expect.stringContaining(expected),
    });
    expect(refusal(() => make(Location, Other, {}, fn))).toEqual({
      code,
      message:
        `${expected}, found the class Other, {} and the function fn. Streams are joined by a tree: ` +
        'processFunction(joinStreams(A, joinWith(B, { left, right })), options, fn).',
    });
  });
});
