import type { Json } from '../../base/json.js';
import { WaterMillError } from '../../base/watermill-error.js';

/** A writer, as its mark is found again: its broker, and the classes that it writes. */
export interface WriterName {
  readonly broker: string;
  readonly outputs: readonly string[];
}

/** The marks of several writers. JSON. */
interface SeveralMark {
  readonly writers: readonly (WriterName & { readonly mark?: Json })[];
}

/** What is kept of the marks of several writers. */
export function severalMark(names: readonly WriterName[], marks: readonly (Json | undefined)[]): Json {
  const writers = names.map(({ broker, outputs }, i) => ({ broker, outputs, mark: marks[i] }));
  return { writers } satisfies SeveralMark as unknown as Json;
}

/**
 * The mark of each writer in a commit. That of a leader that writes alone is its own, as it is, or missing if it needs none.
 * Where the commit knows nothing of a writer, what it writes would begin in the middle: refused.
 *
 * @throws WaterMillError `WM_OUTPUT_CHANGED`.
 */
export function marksOf(
  mark: Json | undefined,
  names: readonly WriterName[],
  leader: string,
  isLeaderAlone: boolean,
): readonly (Json | undefined)[] {
  const { writers } = (mark ?? {}) as unknown as Partial<SeveralMark>;
  if (!Array.isArray(writers) && isLeaderAlone) return [mark];
  // The leader, which comes first, may go on; the last one is new.
  if (!Array.isArray(writers)) throw unknownOutputs(names.at(-1) as WriterName, leader);
  const kept: SeveralMark['writers'][number][] = [...writers];
  return names.map((name) => {
    const index = kept.findIndex(
      ({ broker, outputs }) => broker === name.broker && outputs.join() === name.outputs.join(),
    );
    if (index < 0) throw unknownOutputs(name, leader);
    return kept.splice(index, 1)[0]?.mark;
  });
}

function unknownOutputs({ broker, outputs }: WriterName, leader: string): WaterMillError {
  const names = outputs.join(' and ');
  return new WaterMillError(
    'WM_OUTPUT_CHANGED',
    `The results ${names} on ${broker} would begin in the middle: the progress that ${leader} holds is of a mill whose results went to other brokers. ` +
      'Give each class the broker that it had, or start over with another group or without the kept progress.',
    { message: names, broker, expected: `progress of ${names} on ${broker}`, found: 'progress of other results' },
  );
}
