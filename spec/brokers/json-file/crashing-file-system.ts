import { promises as fs } from 'node:fs';

/** Thrown by the call at which the process is killed. */
export class Killed extends Error {}

const pathCalls = ['open', 'rename', 'unlink', 'mkdir', 'readFile', 'writeFile', 'copyFile', 'link'] as const;
const handleCalls = new Set(['write', 'writeFile', 'datasync', 'sync', 'truncate']);

/**
 * Counts the calls that change files, or may do so, and lets the process "die" at the k-th one: that call and all later
 * ones reject without an effect. A write at that call writes half of its data.
 */
export class CrashingFileSystem {
  calls = 0;
  private readonly handles: fs.FileHandle[] = [];
  private readonly spies: jest.SpyInstance[];

  constructor(private readonly dieAt: number) {
    this.spies = pathCalls.map((name) => {
      const real = fs[name] as (...args: unknown[]) => Promise<unknown>;
      return jest.spyOn(fs, name).mockImplementation((async (...args: unknown[]) => {
        this.step();
        const outcome = await real.apply(fs, args);
        return name === 'open' ? this.watched(outcome as fs.FileHandle) : outcome;
      }) as never);
    });
  }

  get died(): boolean {
    return this.calls >= this.dieAt;
  }

  /** Restores the file system, and closes the files of the dead process. */
  async restore(): Promise<void> {
    for (const spy of this.spies) spy.mockRestore();
    for (const handle of this.handles) await handle.close();
  }

  private step(): void {
    this.calls++;
    if (this.died) throw new Killed(`killed at call ${this.dieAt}`);
  }

  private watched(handle: fs.FileHandle): fs.FileHandle {
    this.handles.push(handle);
    return new Proxy(handle, {
      get: (_, name: string) => {
        const real = handle[name as keyof fs.FileHandle] as unknown;
        if (typeof real !== 'function') return real;
        if (!handleCalls.has(name)) return real.bind(handle);
        return async (...args: unknown[]) => {
          if (name === 'write' && this.calls + 1 === this.dieAt) await this.writeHalf(handle, args);
          this.step();
          return real.apply(handle, args);
        };
      },
    });
  }

  private async writeHalf(handle: fs.FileHandle, args: unknown[]): Promise<void> {
    const [bytes, offset, length, position] = args as [Uint8Array, number, number, number];
    await handle.write(bytes, offset, Math.floor(length / 2), position);
  }
}
