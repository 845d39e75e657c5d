import type { Arrival } from './journal-text.js';
import type { LoadedFile } from './load-file.js';

/** The limits of files read ahead of the current one. */
const mostAhead = 16;
const mostBytesAhead = 16 * 1024 * 1024;

interface Ahead {
  readonly arrival: Arrival;
  readonly loading: Promise<LoadedFile>;
  isLoaded: boolean;
}

/** Reads files ahead, in order, in bounded memory. */
export class FileQueue {
  private readonly ahead: Ahead[] = [];
  private bytes = 0;

  constructor(
    /** The number of the next file to read ahead. */
    private place: number,
    private readonly files: () => { readonly next: number; at(n: number): Arrival | undefined },
    private readonly load: (arrival: Arrival) => Promise<LoadedFile>,
  ) {}

  /** Returns whether the next file is available without waiting. */
  get isReady(): boolean {
    return this.ahead[0]?.isLoaded === true;
  }

  /** Takes the next file; undefined if no more are known. */
  take(): { readonly arrival: Arrival; readonly loading: Promise<LoadedFile> } | undefined {
    this.fill();
    const first = this.ahead.shift();
    if (first === undefined) return undefined;
    this.bytes -= first.arrival.size;
    this.fill();
    return first;
  }

  /** Closes the open files. */
  async close(): Promise<void> {
    for (const { loading } of this.ahead.splice(0)) {
      const loaded = await loading.catch(() => undefined);
      if (loaded?.kind === 'large') await loaded.handle.close();
    }
    this.place = this.files().next;
  }

  private fill(): void {
    const files = this.files();
    while (this.ahead.length < mostAhead && this.place < files.next) {
      const arrival = files.at(this.place);
      const isWanted = arrival !== undefined && arrival.skip === undefined;
      if (isWanted && this.ahead.length > 0 && this.bytes + arrival.size > mostBytesAhead) return;
      this.place++;
      if (isWanted) this.begin(arrival);
    }
  }

  private begin(arrival: Arrival): void {
    const ahead: Ahead = { arrival, loading: this.load(arrival), isLoaded: false };
    const isLoaded = (): void => {
      ahead.isLoaded = true;
    };
    // The reader gets the error when it reaches this file.
    ahead.loading.then(isLoaded, isLoaded);
    this.bytes += arrival.size;
    this.ahead.push(ahead);
  }
}
