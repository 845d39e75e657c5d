import { promises as fs } from 'node:fs';
import { WaterMillError } from '../../base/watermill-error.js';
import { ifExists, readKeptText, replaceFile } from '../../files/durable-files.js';
import type { FileLock } from '../../files/file-lock.js';
import type { InputState } from './input-memory.js';
import { writing } from './output/output-errors.js';

/** The contents of the progress file. */
interface ProgressText {
  /** The text that the mill committed. */
  readonly commit: string;
  /** In the order of the plan; null if nothing is known of an input. */
  readonly inputs: readonly (InputState | null)[];
  /** The group had ended, and a run has begun to continue with the growth of its inputs. */
  readonly isContinued?: true;
}

/** The progress of a group, in its file, while this run holds the group's lock. */
export class KeptProgress {
  private constructor(
    readonly path: string,
    private readonly lock: FileLock,
    private text: ProgressText | undefined,
  ) {}

  static async open(path: string, lock: FileLock): Promise<KeptProgress> {
    return new KeptProgress(path, lock, await read(path));
  }

  /** The last commit in a file, whether a run holds the lock of the group or not. */
  static async committedIn(path: string): Promise<string | undefined> {
    return (await read(path))?.commit;
  }

  /** The last commit. */
  get committed(): string | undefined {
    return this.text?.commit;
  }

  get isContinued(): boolean {
    return this.text?.isContinued === true;
  }

  /** The state of an input at the last commit, if known. */
  input(index: number): InputState | undefined {
    return this.text?.inputs[index] ?? undefined;
  }

  /** Rejects if another run holds the lock by now. */
  confirm(): Promise<void> {
    return writing(this.path, this.lock.confirm());
  }

  async commit(commit: string, inputs: readonly (InputState | null)[]): Promise<void> {
    await this.replace({ commit, inputs });
  }

  /** Records that the group has not ended any more, also for a run that knows only this file. */
  async beginToContinue(): Promise<void> {
    if (this.text !== undefined) await this.replace({ ...this.text, isContinued: true });
  }

  async forget(): Promise<void> {
    this.text = undefined;
    await writing(this.path, this.lock.confirm());
    await writing(this.path, ifExists(fs.unlink(this.path)));
  }

  close(): Promise<void> {
    return this.lock.release();
  }

  private async replace(text: ProgressText): Promise<void> {
    await writing(this.path, this.lock.confirm());
    await writing(this.path, replaceFile(this.path, JSON.stringify(text)));
    this.text = text;
  }
}

async function read(path: string): Promise<ProgressText | undefined> {
  const text = await writing(path, ifExists(readKeptText(path)));
  return text === undefined ? undefined : parse(path, text);
}

function parse(path: string, text: string): ProgressText {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, 'text that is not JSON', error);
  }
  if (typeof parsed !== 'object' || parsed === null) throw unreadable(path, JSON.stringify(parsed).slice(0, 80));
  const { commit, inputs } = parsed as Partial<ProgressText>;
  if (typeof commit === 'string' && Array.isArray(inputs)) return parsed as ProgressText;
  // Version 0.1 wrote only the commit.
  return { commit: text, inputs: [] };
}

function unreadable(path: string, found: string, cause?: unknown): WaterMillError {
  return new WaterMillError(
    'WM_COMMIT_UNREADABLE',
    `${path} is not the progress of a group: expected what WaterMill has written, found ${found}. ` +
      'Restore the previous file, or delete it and the results to start over.',
    { stream: path, expected: 'the progress of a group', found },
    { cause },
  );
}
