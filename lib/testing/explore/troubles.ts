import type { EndPlace, Schedule } from './schedule.js';

/** What a mill gets where a schedule lets it crash, or a call fail. */
class Trouble extends Error {
  override readonly name = 'Trouble';
}

/** Ends runs where a schedule says so. */
export class Troubles {
  /** The run that is in progress was ended by the schedule: another is to continue. */
  isEnded = false;
  /** Called to stop the mill that runs. */
  stop: () => void = () => {};
  private isCrashed = false;
  private run = -1;
  private reached = 0;

  constructor(private readonly schedule: Schedule) {}

  /** Another run begins; `isLast`: nothing more is to happen to it. */
  begin(isLast: boolean): void {
    this.run = isLast ? Number.POSITIVE_INFINITY : this.run + 1;
    this.isEnded = this.isCrashed = false;
    this.reached = 0;
  }

  /** The mill is at a place of this kind: throws if it is to end there. */
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

  /** A process that has crashed reads, writes and commits nothing more. */
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
