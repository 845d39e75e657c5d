import { closeAll } from '../../base/closers.js';
import type { FileMark } from '../parsing/text-batch.js';
import { changedSinceCommit, changedSinceEnd } from './changed-inputs.js';
import type { InputFile } from './input-file.js';
import { changeOf, InputMemory, type InputState, type MovedEnd, movedEnd } from './input-memory.js';
import type { OnEnded } from './json-file-options.js';
import type { JsonFileReader } from './json-file-reader.js';
import type { KeptProgress } from './kept-progress.js';

/** An input that is being read. */
interface Opened {
  readonly memory: InputMemory;
  readonly reader: JsonFileReader;
  readonly moved: MovedEnd | undefined;
}

/** Ensures that a group continues with the same files that it has read. */
export class GroupInputs {
  private readonly opened = new Map<number, Opened>();

  constructor(
    private readonly files: readonly InputFile[],
    private readonly progress: KeptProgress,
    private readonly onEnded: OnEnded | undefined,
  ) {
    // A followed file is expected to grow.
    if (files.some(({ follows }) => follows !== undefined)) this.onEnded ??= 'continue';
  }

  /**
   * Decides how to treat a group that has ended: it stays ended if its inputs are the same.
   *
   * @throws WaterMillError `WM_FILE_CHANGED` if they are not, and the option is not given.
   */
  async afterEnd(): Promise<'ended' | OnEnded> {
    const { progress, onEnded } = this;
    let decision: 'ended' | OnEnded = progress.isContinued && onEnded !== undefined ? onEnded : 'ended';
    for (const [i, file] of this.files.entries()) {
      const kept = progress.input(i);
      if (kept === undefined) continue;
      const change = (await changeOf(file, kept)) ?? (progress.isContinued ? brokenOff : undefined);
      if (change === undefined) continue;
      if (onEnded === undefined || (onEnded === 'continue' && change.kind !== 'grown')) {
        throw changedSinceEnd(file, change, onEnded);
      }
      decision = onEnded;
    }
    if (decision === 'continue') await progress.beginToContinue();
    return decision;
  }

  /** Opens an input at a mark. The part that was read must be unchanged. */
  async open(
    index: number,
    mark: FileMark | undefined,
    open: (mark: FileMark | undefined) => Promise<JsonFileReader>,
  ): Promise<JsonFileReader> {
    const file = this.files[index]!;
    const kept = this.progress.input(index);
    const change = kept && (await changeOf(file, kept));
    if (change?.kind === 'other') throw changedSinceCommit(file, change);
    const moved = await this.movedEnd(index, mark);
    const memory = await InputMemory.of(file);
    try {
      const reader = await open(
        mark?.byte !== undefined && mark.byte === moved?.from ? { ...mark, byte: moved.to } : mark,
      );
      if (memory !== undefined) this.opened.set(index, { memory, reader, moved });
      return reader;
    } catch (error) {
      await memory?.close();
      throw error;
    }
  }

  /** The states to keep with a commit. */
  states(ended: boolean): Promise<(InputState | null)[]> {
    return Promise.all(
      this.files.map(async (_, index) => {
        const input = this.opened.get(index);
        if (input === undefined) return this.progress.input(index) ?? null;
        const { memory, reader, moved } = input;
        const state = await stateOf(memory, reader, ended);
        return moved === undefined ? state : { ...state, moved };
      }),
    );
  }

  private async movedEnd(index: number, mark: FileMark | undefined): Promise<MovedEnd | undefined> {
    const kept = this.progress.input(index);
    if (!this.progress.isContinued || kept === undefined || mark?.byte === undefined) return kept?.moved;
    return movedEnd(this.files[index]!, kept, mark.byte);
  }

  async close(): Promise<void> {
    const opened = [...this.opened.values()].map(({ memory }) => memory);
    this.opened.clear();
    await closeAll(opened);
  }
}

function stateOf(memory: InputMemory, reader: JsonFileReader, ended: boolean): Promise<InputState> {
  const { lastFollowed } = reader;
  if (lastFollowed !== undefined) return memory.grownTo(lastFollowed);
  return ended ? memory.whole() : memory.readUpTo(reader.fraction() ?? 0);
}

/** The inputs are unchanged, but a run may have begun to continue the results of the one that had ended. */
const brokenOff = {
  kind: 'grown',
  expected: 'the results of a run that has ended',
  found: 'a run that continued with them and was interrupted',
} as const;
