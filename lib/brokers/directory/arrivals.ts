import type { Clock } from '../../base/clock.js';
import { shownValue } from '../../base/shown-value.js';
import type { DirectoryPlace } from './directory-errors.js';
import { isLate } from './directory-errors.js';
import { HighestName, inOrder } from './file-order.js';
import { type FileRules, isData } from './file-rules.js';
import { type FoundFile, lookAt, lookAtOne } from './found-file.js';
import type { Journal } from './journal.js';
import { type Arrival, type FileStamp, isSame, type JournalRecord } from './journal-text.js';
import type { KeptLinks } from './kept-links.js';
import { type Listing, listFiles } from './list-files.js';
import { Settling } from './settling.js';

/** The result of a scan. */
export interface Look {
  /** Some files may still change, or their marker is missing. */
  readonly isIncomplete: boolean;
  /** The time when one of them may be complete, by the mill's clock. */
  readonly nextAt: number | undefined;
}

/** Reports a problem with a file to the operator, once per file: it changed after it was read, or arrived too late. */
export type Report = (name: string, text: string) => void;

/** The number of files already read that each scan checks for changes, in turn. */
const checkedPerLook = 256;
/** While there are files to read, listing takes at most one part in this many of the time. */
const readingPerLook = 20;

/** Scans a directory repeatedly, and records new files in the journal. */
export class Arrivals {
  private readonly settling: Settling;
  private highest: HighestName;
  private looking: Promise<Look> | undefined;
  private checking: Iterator<Arrival> | undefined;
  /** Changes that were reported but not recorded, since other processes read by the same journal. */
  private readonly reported = new Map<number, string>();
  /** The start of the last scan, by the mill's clock, and its duration. */
  private lookedAt = Number.NEGATIVE_INFINITY;
  private lookTook = 0;

  constructor(
    readonly place: DirectoryPlace,
    readonly rules: FileRules,
    public journal: Journal,
    private readonly clock: Clock,
    private readonly report: Report,
    private readonly links: KeptLinks | undefined,
    /** Other processes may read by this journal: what only this one is done with is not recorded. */
    private readonly isShared: boolean,
  ) {
    this.settling = new Settling(rules.marker === undefined ? rules.settleMs : 0);
    this.highest = this.highestIn(journal);
  }

  /** Continues with the journal as another process has left it. */
  follow(journal: Journal): void {
    this.journal = journal;
    this.highest = this.highestIn(journal);
    this.checking = undefined;
  }

  /**
   * Returns whether a scan is due while there are files to read: not more often than `everyMs`, and only for a small
   * part of the time.
   */
  isDue(everyMs: number): boolean {
    return this.clock.now() - this.lookedAt >= Math.max(everyMs, readingPerLook * this.lookTook);
  }

  /** Scans once; calls in the meantime share the scan. Files below `done` are not read again. */
  look(done: number): Promise<Look> {
    this.looking ??= this.scan(done).finally(() => {
      this.looking = undefined;
      this.lookTook = this.clock.now() - this.lookedAt;
    });
    return this.looking;
  }

  /** Returns whether a file of this name belongs to this stream. */
  isMine(name: string): boolean {
    return (this.rules.recursive || !name.includes('/')) && isData(name, this.rules);
  }

  /** Returns whether there are files that are not recorded. Records which files read so far are gone or changed. */
  async hasNews(): Promise<boolean> {
    const listing = await listFiles(this.place, this.rules);
    const { journal } = this;
    await journal.append([...this.goneFrom(listing), ...(await this.changedAmong(journal.next))]);
    for (const name of listing.names) if (journal.named(name) === undefined) return true;
    return false;
  }

  /** Drops files that are done and gone. */
  forget(below: number): Promise<void> {
    return this.journal.forget(below, this.highest.name);
  }

  private highestIn(journal: Journal): HighestName {
    const highest = new HighestName(this.place, this.rules.order);
    if (highest.isByName) for (const name of journal.everyName()) if (this.isMine(name)) highest.add(name);
    return highest;
  }

  private async scan(done: number): Promise<Look> {
    const now = this.clock.now();
    this.lookedAt = now;
    const { journal, place, rules } = this;
    const listing = await listFiles(place, rules);
    const gone = this.goneFrom(listing);
    const fresh = [...listing.names].filter((name) => journal.named(name) === undefined);
    const { marker } = rules;
    const marked = marker === undefined ? fresh : fresh.filter((name) => listing.markers.has(name + marker));
    const files = await lookAt(place.directory, marked);
    const settled = this.settling.settled(files, now);
    const complete = new Set(settled.map(({ name }) => name));
    const there = new Set(files.map(({ name }) => name));
    const known = new Set(marked);
    const incomplete = fresh.filter((name) => (known.has(name) ? there.has(name) && !complete.has(name) : true));
    const admitted = await this.admitted(this.withoutHeldBack(settled, incomplete));
    const changed = await this.changedAmong(done);
    await journal.append([...gone, ...admitted, ...changed]);
    return { isIncomplete: incomplete.length > 0, nextAt: this.settling.nextAt };
  }

  private goneFrom({ names }: Listing): JournalRecord[] {
    const { journal } = this;
    let there = 0;
    for (const name of names) if (journal.named(name) !== undefined) there++;
    if (there === journal.nameCount) return [];
    const gone: JournalRecord[] = [];
    for (const { n, name } of journal.arrivals()) if (!names.has(name) && this.isMine(name)) gone.push({ gone: n });
    return gone;
  }

  /** If names determine the order, an incomplete file holds back the files after it: otherwise it would be late. */
  private withoutHeldBack(settled: readonly FoundFile[], incomplete: readonly string[]): readonly FoundFile[] {
    const { rules, place } = this;
    if (incomplete.length === 0 || rules.onLate === 'read' || !this.highest.isByName) return settled;
    const waiting = incomplete.map((name) => ({ name, createdNs: 0n, modifiedNs: 0n }));
    const lowest = new HighestName(place, rules.order);
    lowest.add(inOrder(place, waiting, rules.order)[0]!.name);
    return settled.filter(({ name }) => lowest.compare(name) <= 0);
  }

  private async admitted(files: readonly FoundFile[]): Promise<Arrival[]> {
    const { place, rules, journal, highest, links } = this;
    const arrivals: Arrival[] = [];
    for (const { name, size, mtimeNs } of inOrder(place, files, rules.order)) {
      const n = journal.next + arrivals.length;
      const late = highest.compare(name) < 0;
      if (late && rules.onLate === 'fail') {
        throw isLate(place, name, shownValue(highest.keyOf(name)), highest.shown);
      }
      if (late && rules.onLate === 'skip') {
        this.report(name, `It sorts before ${highest.shown}, which arrived before it, and is left out`);
        arrivals.push({ n, name, size, mtimeNs, skip: 'late' });
        continue;
      }
      if (links !== undefined && !(await links.keep(name, n))) continue;
      highest.add(name);
      // The state that was found complete: a file that has changed since, before it was linked, is noticed when it is read.
      arrivals.push({ n, name, size, mtimeNs });
    }
    if (arrivals.length > 0) await links?.sync();
    return arrivals;
  }

  /**
   * Checks some of the files that were read, in turn, the latest first. A change is reported once, and the file is not
   * read again.
   */
  private async changedAmong(done: number): Promise<JournalRecord[]> {
    const changed: JournalRecord[] = [];
    for (let count = 0; count < checkedPerLook; count++) {
      this.checking ??= [...this.journal.arrivals()].reverse().values();
      const { value } = this.checking.next() as IteratorResult<Arrival, undefined>;
      if (value === undefined) {
        this.checking = undefined;
        break;
      }
      const { n, name } = value;
      if (n >= done || this.journal.isGone(n) || !this.isMine(name)) continue;
      const before = this.journal.at(n);
      const now = await lookAtOne(this.place.directory, name);
      if (before === undefined || now === undefined || isSame(before, now)) continue;
      if (this.reported.get(n) === stampText(now)) continue;
      this.report(name, 'It was changed after it was read, and is not read again');
      if (this.isShared) this.reported.set(n, stampText(now));
      else changed.push({ changed: n, size: now.size, mtimeNs: now.mtimeNs });
    }
    return changed;
  }
}

const stampText = ({ size, mtimeNs }: FileStamp): string => `${size} ${mtimeNs}`;
