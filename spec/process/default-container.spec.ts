import type { Container } from '../../lib/mill/plan/plan-options.js';

type ContainerFor = (token: unknown) => Container;

class Plain {}

class Disposable {
  dispose(): void {}
}

class Needy {
  constructor(readonly other: unknown) {}
}

/** Evaluates a function in a program that has loaded nothing yet. */
async function inNewProgram<T>(look: (containerFor: ContainerFor) => T | Promise<T>): Promise<T> {
  let seen: T;
  await jest.isolateModulesAsync(async () => {
    const { containerFor } = await import('../../lib/mill/process/default-container.js');
    seen = await look(containerFor);
  });
  return seen!;
}

const isLoaded = () => Object.keys(require.cache).some((file) => file.includes('/tsyringe/'));

describe('the default container', () => {
  it('constructs a class without tsyringe if that would only call its constructor', async () => {
    const { made, isNeeded } = await inNewProgram((containerFor) => ({
      made: [containerFor(Plain).resolve(Plain), containerFor(Plain).resolve(Plain)],
      isNeeded: isLoaded(),
    }));
    expect(made).toEqual([expect.any(Plain), expect.any(Plain)]);
    expect(made[0]).not.toBe(made[1]);
    expect(isNeeded).toBe(false);
  });

  it.each([
    ['a class that tsyringe disposes of', Disposable],
    ['a class whose constructor takes something', Needy],
    ['a name', 'units'],
    ['a function that makes no objects', () => 1],
  ])('is tsyringe for %s', async (_what, token) => {
    const isOfTsyringe = await inNewProgram(
      async (containerFor) => containerFor(token) === (await import('tsyringe')).container,
    );
    expect(isOfTsyringe).toBe(true);
  });

  it('is tsyringe if the program has loaded it, since a class may be registered', async () => {
    const double = new Plain();
    const resolved = await inNewProgram(async (containerFor) => {
      const { container } = await import('tsyringe');
      container.register(Plain, { useValue: double });
      return containerFor(Plain).resolve(Plain);
    });
    expect(resolved).toBe(double);
  });
});
