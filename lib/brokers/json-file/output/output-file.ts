import { createHash } from 'node:crypto';
import { constants, createReadStream, promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import { inTurn } from '../../../base/closers.js';
import { createFile, freshName, ifExists, syncDirectory } from '../../../files/durable-files.js';
import { FileLock } from '../../../files/file-lock.js';
import type { WatchOptions } from '../../../files/lock-rivals.js';
import { makeFolders } from '../../../files/make-folders.js';
import { packedByName } from '../../parsing/file-format.js';
import { FileSink } from './file-sink.js';
import { outputChanged, outputInUse, partialGone, writing } from './output-errors.js';
import { refuseForeign } from './output-place.js';
import type { Output, OutputMark, OutputRun, OutputTarget } from './output-target.js';
import { appendTaken, type TakenText } from './taken-text.js';
import { TextFile } from './text-file.js';

/** The open partial file. */
interface Partial {
  readonly handle: fs.FileHandle;
  readonly text: TextFile;
}

/**
 * The results of one class. They are written to the partial file, which is renamed when the stream has ended, so that a
 * file with the final name is always complete. The bytes do not depend on the times of flushes (in a compressed file:
 * its content does not). While it is open, it holds the lock of the output, and that of the partial file, whose name
 * another mill may have for its output.
 */
export class OutputFile implements Output {
  private elements: number;
  private ended: boolean;
  private body: number | undefined;
  private readonly continued: number | undefined;

  private constructor(
    private readonly target: OutputTarget,
    private readonly lock: FileLock,
    private readonly partialLock: FileLock,
    /** Undefined once the results are final, by this run or by an earlier one. */
    private partial: Partial | undefined,
    /** Undefined if the output starts at its beginning. */
    private readonly mark: OutputMark | undefined,
  ) {
    this.elements = mark?.elements ?? 0;
    this.ended = mark?.ended ?? false;
    this.body = mark?.body;
    this.continued = mark?.continued;
  }

  /**
   * Removes the locks of dead mills on all of these outputs at the same time: each unknown owner is watched for 10
   * seconds. Never rejects: what fails here fails again when the lock is taken.
   */
  static async removeDeadLocks(
    targets: readonly OutputTarget[],
    run: Pick<OutputRun, 'signal' | 'logger'>,
  ): Promise<void> {
    const { signal } = run;
    const removals = targets
      .filter(({ isStream }) => !isStream)
      .flatMap(({ path, partial }) => [
        FileLock.removeDead(path, watched(path, run)),
        FileLock.removeDead(partial, { signal }),
      ]);
    await Promise.allSettled(removals);
  }

  /** Opens a new partial file, or one that is cut back to a mark. */
  static async open(target: OutputTarget, mark: OutputMark | undefined, run: OutputRun): Promise<OutputFile> {
    const { path, partial } = target;
    await writing(partial, makeFolders(dirname(partial)));
    const use = `the partial results of ${path}`;
    const locks: FileLock[] = [];
    try {
      const lock = await lockOf(path, undefined, run);
      locks.push(lock);
      const partialLock = await lockOf(partial, use, run);
      locks.push(partialLock);
      await run.confirm?.();
      await refuseForeign(partial, use);
      const from = run.isContinued && mark?.ended ? await writing(partial, reopen(target, mark)) : mark;
      return new OutputFile(target, lock, partialLock, await writing(partial, openPartial(target, from, lock)), from);
    } catch (error) {
      await releaseAll(locks);
      throw error;
    }
  }

  write(taken: readonly TakenText[]): void | Promise<void> {
    return this.writeFrom(taken, 0);
  }

  async flush(): Promise<OutputMark> {
    const { partial, target, elements, ended, body, continued } = this;
    if (partial !== undefined) await writing(target.partial, partial.text.finish(target.durable));
    const optional = { ...(body !== undefined && { body }), ...(continued !== undefined && { continued }) };
    return { bytes: partial?.text.bytes ?? this.mark?.bytes ?? 0, elements, ended, ...optional };
  }

  async end(): Promise<void> {
    const { partial, target } = this;
    if (this.ended || partial === undefined) return;
    // The text that closes the list is a separate block, so that it can be cut off.
    await writing(target.partial, partial.text.finish(false));
    this.body = partial.text.bytes;
    const { end, none } = target.framing;
    partial.text.append(this.elements === 0 ? none : end);
    this.ended = true;
    await writing(target.partial, partial.text.complete());
  }

  async publish(): Promise<void> {
    if (this.partial === undefined) return;
    await this.end();
    const { partial, path } = this.target;
    await writing(path, this.lock.confirm());
    await writing(partial, takeOver(this.partial.handle, path));
    const isOwn = await isStillAt(partial, this.partial.handle);
    await this.partial.text.close();
    if (!isOwn) throw partialGone(path, partial);
    await writing(path, (await this.isUnchanged(this.partial)) ? fs.unlink(partial) : fs.rename(partial, path));
    this.partial = undefined;
    await writing(path, syncDirectory(dirname(path)));
  }

  /**
   * Returns whether a run that continued final results has added nothing. Then the final file stays as it is, with its
   * time: a mill that reads it would take another time for a change. A file of the same size may be another one, if the
   * run before crashed before it could replace that.
   */
  private async isUnchanged({ text }: Partial): Promise<boolean> {
    const { continued, target } = this;
    if (continued === undefined || text.bytes !== continued) return false;
    if ((await ifExists(fs.stat(target.path)))?.size !== continued) return false;
    return (await digestOf(target.path)) === (await digestOf(target.partial));
  }

  async close(): Promise<string | undefined> {
    const { partial } = this;
    this.partial = undefined;
    try {
      return partial === undefined ? undefined : await this.leave(partial);
    } finally {
      await releaseAll([this.lock, this.partialLock]);
    }
  }

  /** Removes a partial file without any bytes. Returns the path of one that stays. */
  private async leave({ text, handle }: Partial): Promise<string | undefined> {
    // Failed writes were reported by the call that requested them.
    const isOurs = await this.lock.confirm().then(
      () => true,
      () => false,
    );
    if (isOurs) await text.finish(false).catch(() => {});
    const isOwn = await isStillAt(this.target.partial, handle).catch(() => false);
    await text.close();
    if (!isOwn) return undefined;
    if (text.bytes > 0 || this.ended || !isOurs) return this.target.partial;
    await ifExists(fs.unlink(this.target.partial));
    return undefined;
  }

  private writeFrom(taken: readonly TakenText[], from: number): void | Promise<void> {
    if (this.partial === undefined || this.ended) throw this.alreadyFinal();
    const { text } = this.partial;
    for (let i = from; i < taken.length; ) {
      const next = appendTaken(text, this.target.framing, this.elements, taken, i);
      this.elements += next - i;
      i = next;
      if (!text.full) continue;
      const pressure = text.send();
      if (pressure !== undefined) return pressure.then(() => this.writeFrom(taken, next));
    }
  }

  private alreadyFinal(): Error {
    const { partial, path } = this.target;
    return outputChanged(
      partial,
      `the partial results of ${path}`,
      'only the final file, although results are missing',
    );
  }
}

/** `use`: what would be written there, if it is not the output itself. */
function lockOf(path: string, use: string | undefined, run: OutputRun): Promise<FileLock> {
  const inUse = (owner: string, file: string) => outputInUse(path, use, owner, file);
  return writing(path, FileLock.take(path, { inUse, patienceMs: run.patienceMs, ...watched(path, run) }));
}

function watched(path: string, { signal, logger }: Pick<OutputRun, 'signal' | 'logger'>): WatchOptions {
  const onWatch = (owner: string, file: string) =>
    logger.info({ stream: path, lock: file }, `Checking for up to 10 s whether ${owner} still writes ${path}`);
  return { signal, onWatch };
}

/** Releases all, even if some fail. The lock of the output is the last: the process that takes it finds the other one free. */
function releaseAll(locks: readonly FileLock[]): Promise<void> {
  return inTurn(...locks.map((lock) => () => lock.release()).reverse());
}

async function openPartial(
  target: OutputTarget,
  mark: OutputMark | undefined,
  lock: FileLock,
): Promise<Partial | undefined> {
  const { partial } = target;
  if (mark === undefined) return createPartial(target, lock);
  const handle = await ifExists(fs.open(partial, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)));
  if (handle === undefined) return openWithoutPartial(target, mark, lock);
  try {
    const { size } = await handle.stat();
    if (size < mark.bytes) throw outputChanged(partial, `at least ${mark.bytes} bytes`, `${size}`);
    await handle.truncate(mark.bytes);
    return opened(target, handle, lock, mark.bytes);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * An earlier run made the results final and crashed before it could commit that, or it had not written anything yet.
 */
async function openWithoutPartial(
  target: OutputTarget,
  mark: OutputMark,
  lock: FileLock,
): Promise<Partial | undefined> {
  const { partial, path } = target;
  const size = (await ifExists(fs.stat(path)))?.size;
  const isFinal = mark.ended && size !== undefined;
  if (mark.bytes === 0 && !isFinal) return createPartial(target, lock);
  if (size === undefined) throw outputChanged(path, `the results, here or in ${partial}`, 'neither file');
  // Results after the mark may have become final, too.
  const isSame = mark.ended ? size === mark.bytes : size >= mark.bytes;
  if (!isSame) throw outputChanged(path, `${mark.ended ? '' : 'at least '}${mark.bytes} bytes`, `${size}`);
  return undefined;
}

/** Creates a new file, which a process with the previous partial file does not touch. */
async function createPartial(target: OutputTarget, lock: FileLock): Promise<Partial> {
  const handle = await createFile(target.partial);
  try {
    await takeOver(handle, target.path);
    return opened(target, handle, lock, 0);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function opened({ partial, path }: OutputTarget, handle: fs.FileHandle, lock: FileLock, bytes: number): Partial {
  const sink = new FileSink(handle, bytes, () => lock.guard());
  return { handle, text: new TextFile(partial, sink, packedByName(path), bytes) };
}

/**
 * Makes a partial file from final results, so that more can be appended. Returns the mark before the end of the list.
 */
async function reopen({ partial, path }: OutputTarget, mark: OutputMark): Promise<OutputMark> {
  if (mark.body === undefined) {
    throw outputChanged(path, 'a note of where the list of results can be continued', 'none, as in version 0.1');
  }
  // An existing one was left by a run that continued already, or that ended and could not publish: it has the same
  // beginning.
  if ((await ifExists(fs.stat(partial))) === undefined) {
    const size = (await ifExists(fs.stat(path)))?.size;
    if (size !== mark.bytes)
      throw outputChanged(path, `${mark.bytes} bytes`, size === undefined ? 'no file' : `${size}`);
    const fresh = freshName(partial);
    await ifExists(fs.unlink(fresh));
    await fs.copyFile(path, fresh, constants.COPYFILE_EXCL);
    await fs.rename(fresh, partial);
  }
  return { bytes: mark.body, elements: mark.elements, ended: false, continued: mark.bytes };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest('hex');
}

/** Returns whether an open file still has its name: another program may have removed, renamed or replaced it. */
async function isStillAt(path: string, handle: fs.FileHandle): Promise<boolean> {
  const [own, found] = [await handle.stat({ bigint: true }), await ifExists(fs.lstat(path, { bigint: true }))];
  return found !== undefined && own.dev === found.dev && own.ino === found.ino;
}

/**
 * Gives a new file the mode of the file that it replaces, and its owner and group if the system allows it. Without a
 * previous file, it keeps its own.
 */
async function takeOver(handle: fs.FileHandle, path: string): Promise<void> {
  const previous = await ifExists(fs.stat(path));
  if (previous === undefined || process.platform === 'win32') return;
  const { uid, gid, mode } = await handle.stat();
  if (uid !== previous.uid || gid !== previous.gid) await chown(handle, previous.uid, previous.gid, uid);
  // After the owner: changing that clears bits of the mode.
  if (mode !== previous.mode) await handle.chmod(previous.mode & 0o7777);
}

/** Only root can change the owner; a member of a group may set that group. */
async function chown(handle: fs.FileHandle, uid: number, gid: number, own: number): Promise<void> {
  await handle.chown(uid, gid).catch(() => handle.chown(own, gid).catch(() => {}));
}
