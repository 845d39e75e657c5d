import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();

/** A process of a test, and what it has printed. A test that fails leaves none behind, if it calls `endRuns`. */
export class Run {
  output = '';
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
  private readonly lookers = new Set<() => void>();
  private isOver = false;

  constructor(readonly child: ChildProcess) {
    running.add(child);
    const read = (chunk: Buffer): void => {
      this.output += chunk;
      this.look();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(child);
        this.isOver = true;
        this.look();
        resolve(code ?? signal);
      });
    });
  }

  /** Resolves with the match when it has been printed; rejects when the process has ended without. */
  async printed(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.output);
      if (found !== null) return found;
      if (this.isOver) throw new Error(`The process has ended and not printed ${what}:\n${this.output}`);
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.lookers.delete(look);
          resolve();
        };
        this.lookers.add(look);
      });
    }
  }

  private look(): void {
    for (const look of this.lookers) look();
  }
}

export function endRuns(): void {
  for (const child of running) child.kill('SIGKILL');
}
