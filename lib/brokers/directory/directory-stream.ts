import { promises as fs } from 'node:fs';
import path from 'node:path';
import { WaterMillError } from '../../base/watermill-error.js';
import { ifExists } from '../../files/durable-files.js';
import type { ConnectRequest } from '../broker.js';
import { pause } from '../custom/waiting.js';
import { Arrivals } from './arrivals.js';
import type { DirectoryEntry } from './directory-entry.js';
import { Journal } from './journal.js';
import type { Arrival } from './journal-text.js';
import { KeptLinks } from './kept-links.js';
import { type LoadedFile, loadFile } from './load-file.js';
import { readmitted } from './readmit.js';

/** Larger files are not buffered: their elements are returned while they are read. Bytes. */
const wholeBytes = 16 * 1024 * 1024;

/** The position of a reader. */
interface Reading {
  /** The number of its current file. */
  readonly place: number;
  /** The number of the file at which it was opened: files committed before are done. */
  readonly begin: number;
  /** The number of the file before which all are done, if all elements below a position are. */
  doneBelow(position: number): number;
}

/** The state that all readers of a directory share in a run: the order of its files, and which of them are done. */
export class DirectoryStream {
  readonly readers = new Set<Reading>();
  private done = 0;

  private constructor(
    readonly entry: DirectoryEntry,
    readonly request: ConnectRequest,
    /** The folder of the journal and the links, if there is one. */
    private readonly folder: string | undefined,
    public arrivals: Arrivals,
    private links: KeptLinks | undefined,
  ) {}

  static async open(
    entry: DirectoryEntry,
    request: ConnectRequest,
    folder: string | undefined,
  ): Promise<DirectoryStream> {
    const { arrivals, links } = await opened(entry, request, folder);
    return new DirectoryStream(entry, request, folder, arrivals, links);
  }

  get journal(): Journal {
    return this.arrivals.journal;
  }

  /** Scans the directory. */
  look() {
    const { readers } = this;
    // If nothing is remembered, only files that are not returned yet will be read.
    const given = Math.min(...[...readers].map(({ place }) => place));
    const begun = Math.min(...[...readers].map(({ begin }) => begin));
    return this.arrivals.look(this.folder === undefined ? given : Math.max(this.done, begun));
  }

  /** Returns whether a scan is due. */
  get isDue(): boolean {
    return this.arrivals.isDue(this.entry.settings.scanEveryMs);
  }

  load(arrival: Arrival): Promise<LoadedFile> {
    const kept = this.links?.pathOf(arrival.n);
    if (kept === undefined && this.journal.isGone(arrival.n)) return Promise.resolve({ kind: 'gone' });
    const most = this.entry.settings.makeElement === undefined ? wholeBytes : Number.POSITIVE_INFINITY;
    return loadFile(kept ?? this.pathOf(arrival), arrival, most);
  }

  pathOf({ n, name }: Arrival): string {
    return this.links?.pathOf(n) ?? path.join(this.entry.settings.directory, name);
  }

  /** Waits until a changed file has settled. Returns its new state, or undefined if it is gone. */
  async readmit(arrival: Arrival, signal: AbortSignal): Promise<Arrival | undefined> {
    if (this.links?.pathOf(arrival.n) === undefined && this.journal.isGone(arrival.n)) return undefined;
    const { clock } = this.request;
    const wait = (ms: number): Promise<void> => pause(clock, ms, signal);
    return readmitted(this.journal, arrival, this.pathOf(arrival), this.entry.settings.settleMs, wait, signal);
  }

  /** Notes a commit: everything before this position is done. */
  async committed(position: number, isEnded: boolean): Promise<void> {
    for (const reader of this.readers) this.done = Math.max(this.done, reader.doneBelow(position));
    await this.links?.drop(this.done);
    await this.arrivals.forget(this.done);
    if (isEnded && !this.journal.isEnded) await this.journal.append([{ end: this.journal.next }]);
  }

  /** If nothing is remembered, drops files that are gone. */
  async passed(): Promise<void> {
    if (this.folder === undefined) await this.arrivals.forget(Math.min(...[...this.readers].map(({ place }) => place)));
  }

  /** Returns whether a stream that had ended has more by now. */
  async hasMore(): Promise<boolean> {
    return !this.journal.isEnded || (await this.arrivals.hasNews());
  }

  /** Drops the order of the files. */
  async forget(): Promise<void> {
    const { folder } = this;
    if (folder === undefined) return;
    await this.links?.drop(Number.POSITIVE_INFINITY);
    await ifExists(fs.unlink(journalFile(this.entry, folder)));
    const { arrivals, links } = await opened(this.entry, this.request, folder);
    this.arrivals = arrivals;
    this.links = links;
    this.done = 0;
  }

  /** Reports a problem with a file to the operator, once. */
  warn(name: string, text: string): void {
    warn(this.entry, this.request, name, text);
  }

  /** Throws if the file with the number `n`, of which `at` elements were read, is unknown: a mark continues there. */
  expectPlace(n: number, at = 0): void {
    const { first, next } = this.journal;
    const { directory } = this.entry.settings;
    // A run that has not scanned yet, and continues: the next scan may find another file in this place.
    if (this.folder === undefined && next === 0 && (n > 0 || at > 0)) throw withoutJournal(this.entry, directory, n);
    const end = at > 0 ? n + 1 : n;
    if (n >= first && end <= next) return;
    const file = this.folder === undefined ? directory : journalFile(this.entry, this.folder);
    const expected = n < first ? `from ${n} on` : `up to ${end - 1}`;
    const found = first === next ? 'none' : `those from ${first} to ${next - 1}`;
    throw new WaterMillError(
      'WM_PROGRESS_DAMAGED',
      `${file} does not fit the progress: expected the files of ${directory} ${expected}, found ${found}. ` +
        'Restore the progress folder as a whole, or delete it to start over.',
      { stream: directory, position: n, expected: `a place from ${first} to ${next}`, found: String(n) },
    );
  }
}

/** The error for a restart whose leader has positions in the order of files that nobody has kept. */
function withoutJournal({ settings }: DirectoryEntry, directory: string, n: number): WaterMillError {
  const { home } = settings;
  return new WaterMillError(
    'WM_BROKER_CANNOT_FOLLOW',
    `The progress of the broker that leads continues ${home} in ${directory}, and nothing says in which order the files were read before. ` +
      'Give DirectoryMessageBroker a folder as `progress`, which keeps the order, and start over without the progress of the leader.',
    {
      message: home,
      stream: directory,
      position: n,
      expected: '`progress`, with the order of the files',
      found: 'none',
    },
  );
}

async function opened(entry: DirectoryEntry, request: ConnectRequest, folder: string | undefined) {
  const { settings } = entry;
  const place = { message: settings.home, directory: settings.directory };
  const journal = await Journal.open(folder === undefined ? undefined : journalFile(entry, folder));
  const links =
    folder !== undefined && settings.keepsLinks
      ? await KeptLinks.open(place, path.join(folder, `${fileNameOf(settings.home)}.files`), journal.next)
      : undefined;
  const report = (name: string, text: string): void => warn(entry, request, name, text);
  return { arrivals: new Arrivals(place, settings, journal, request.clock, report, links, false), links };
}

function warn({ settings }: DirectoryEntry, { logger }: ConnectRequest, name: string, text: string): void {
  const { home, directory } = settings;
  logger.warn({ message: home, stream: directory, file: name }, `${name} in ${directory}: ${text}`);
}

const fileNameOf = (name: string): string => encodeURIComponent(name);

function journalFile({ settings }: DirectoryEntry, folder: string): string {
  return path.join(folder, `${fileNameOf(settings.home)}.journal`);
}
