import type { EndPlace, Schedule } from './schedule.js';

/** The error of a crash, or of a failed call, that a schedule causes. */
class Trouble extends Error {
  override readonly name = 'Trouble';
}

/** Ends runs by a schedule. */
export class Troubles {
  /** The schedule has ended the current run: another one must continue. */
  isEnded = false;
  /** Stops the running mill. */
  stop: () => void = () => {};
  private isCrashed = false;
  private run = -1;
  private reached = 0;

  constructor(private readonly schedule: Schedule) {}

  /** Starts another run; `isLast`: without disturbances. */
  begin(isLast: boolean): void {
    this.run = isLast ? Number.POSITIVE_INFINITY : this.run + 1;
    this.isEnded = this.isCrashed = false;
    this.reached = 0;
  }

  /** Notes that the mill has reached a place of this kind; throws if it must end there. */
  reach(place: EndPlace): void {
    this.throwIfCrashed();
    if (this.isEnded || this.end?.at !== place || ++this.reached !== this.end.number) return;
    this.isEnded = true;
    if (place === 'stop in a call') {
      this.stop();
      return;
    }
    this.isCrashed = place.startsWith('crash');
    throw new Trouble(`explore(): ${place}`);
  }

  /** A crashed process does not read, write or commit any more. */
  throwIfCrashed(): void {
    if (this.isCrashed) throw new Trouble('explore(): the mill has crashed');
  }

  private get end() {
    const { ends, again } = this.schedule;
    return (
      ends[this.run] ??
      (again && this.run >= ends.length && this.run < Number.POSITIVE_INFINITY ? ends.at(-1) : undefined)
    );
  }
}
