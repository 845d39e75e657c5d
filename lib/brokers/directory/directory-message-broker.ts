import type { Class, MessageClass } from '../../base/class.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import type { Broker, BrokerAbilities, BrokerTimeouts, Connection, ConnectRequest, StreamEntry } from '../broker.js';
import { BrokerOptions } from '../broker-options.js';
import { DirectoryConnection } from './directory-connection.js';
import { directoryEntries } from './directory-entry.js';
import { type DirectoryEntries, isText } from './directory-options.js';

/** What a `DirectoryMessageBroker` reads, and where it keeps how far it has come. */
export interface DirectoryBrokerOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  readonly sources: DirectoryEntries<C>;
  /** The folder that keeps the order of the files and how far the mill has come. Default: nothing is kept. */
  readonly progress?: string;
  /** A stream with no data for this long has ended. Milliseconds. Default: it waits forever. */
  readonly dataTimeoutMs?: number;
  /** An open window without new elements is asked again after this long. Milliseconds. Default: never. */
  readonly pollTimeoutMs?: number;
}

/**
 * Streams that are directories of files: the elements of all files one after the other (NDJSON or JSON arrays, packed by gzip
 * or not), or an element a file with `file`. It only reads: results go to an `outputBroker`.
 *
 * **Order.** Each scan sorts the files that are new by `order` and appends them to a journal, which is on disk before anything of
 * them is read. So the order is decided once: renamed clocks, equal times, touched and late files change nothing of what has
 * come. A name that was seen gone and comes again is a new file.
 *
 * **Complete files only.** Hidden names and those of unfinished files (`.tmp`, `.part`, …) are skipped; others are read when
 * they have not changed for `settleMs` (1 s), or when their `marker` is there. A file is looked at before and after it is read:
 * one that changed is an error (`WM_FILE_CHANGED`), or read when it has settled again. Of files up to 16 MiB nothing is used
 * before the last look; of larger ones, and with them alone, the beginning is.
 *
 * **Progress.** With `progress`, the run after a kill continues from the last commit. The folder has one owner
 * (`WM_GROUP_IN_USE`). A stream that ended with `end: 'when empty'` continues with new files in the next run.
 *
 * A directory that is missing, is none, or may not be read is an error (`WM_DIRECTORY_UNREADABLE`), never an empty stream.
 * Memory: the names that are there, and at most 32 MiB of files.
 *
 * @example
 * ```ts no-run
 * new DirectoryMessageBroker({
 *   sources: [[Reading, 'incoming', { pattern: '*.ndjson', end: 'when empty' }]],
 *   progress: 'state/readings',
 * });
 * ```
 */
@ofThisCopy
export class DirectoryMessageBroker<const C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  implements Broker
{
  readonly name = 'DirectoryMessageBroker';
  readonly abilities: BrokerAbilities;
  readonly timeouts: BrokerTimeouts;
  private readonly entries: ReadonlyMap<Class, StreamEntry>;
  private readonly progress: string | undefined;

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an entry or option that is not what it must be. */
  constructor(options: DirectoryBrokerOptions<C>) {
    const known = ['sources', 'progress', 'dataTimeoutMs', 'pollTimeoutMs'];
    const form = 'new DirectoryMessageBroker({ sources: [[Class, directory]] })';
    const checked = new BrokerOptions(this.name, options, known, form);
    this.timeouts = checked.timeouts();
    this.progress = checked.take('progress', 'the path of a folder', isText);
    const isList = (value: unknown): boolean => Array.isArray(value);
    const sources =
      checked.take<readonly unknown[]>('sources', 'an array of [Class, directory]', isList) ??
      checked.refuse("The option 'sources'", 'an array of [Class, directory]', undefined);
    const remembers = this.progress !== undefined;
    this.entries = directoryEntries(checked, sources, this.progress);
    this.abilities = Object.freeze({
      remembers,
      rereads: true,
      transactions: false,
      writesAnyClass: false,
      writes: false,
      tables: true,
    });
  }

  streamOf(message: Class): StreamEntry | undefined {
    return this.entries.get(message);
  }

  connect(request: ConnectRequest): Promise<Connection> {
    return DirectoryConnection.open(request, this.progress);
  }
}
