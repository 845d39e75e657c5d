import type { Json } from '../../base/json.js';
import { WaterMillError } from '../../base/watermill-error.js';

/** Identifies a writer in a mark: its broker, and the classes that it writes. */
export interface WriterName {
  readonly broker: string;
  readonly outputs: readonly string[];
}

/** The marks of several writers. JSON. */
interface SeveralMark {
  readonly writers: readonly (WriterName & { readonly mark?: Json })[];
}

/** The mark of several writers. */
export function severalMark(names: readonly WriterName[], marks: readonly (Json | undefined)[]): Json {
  const writers = names.map(({ broker, outputs }, i) => ({ broker, outputs, mark: marks[i] }));
  return { writers } satisfies SeveralMark as unknown as Json;
}

/**
 * The mark of each writer in a commit. The mark of a leader that writes alone is stored unchanged, or missing if it
 * needs none. A writer that the commit does not know is refused: its output would begin in the middle.
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
  // The leader, which comes first, may continue; the last one is new.
  if (!Array.isArray(writers)) throw unknownOutputs(names.at(-1) as WriterName, leader);
  const kept: SeveralMark['writers'][number][] = [...writers];
  return names.map((name) => {
    const index = kept.findIndex((each) => isSame(each, name));
    if (index < 0) throw otherOutputs(name, writers, leader);
    return kept.splice(index, 1)[0]?.mark;
  });
}

/** The order of the classes is that of `emits`, which does not matter. */
function isSame(one: WriterName, other: WriterName): boolean {
  return one.broker === other.broker && [...one.outputs].sort().join() === [...other.outputs].sort().join();
}

/** The error for a broker whose outputs have changed: one was moved, added or removed. */
function otherOutputs(name: WriterName, kept: readonly WriterName[], leader: string): WaterMillError {
  const { broker, outputs } = name;
  const were = kept.filter((each) => each.broker === broker && each.outputs.some((output) => outputs.includes(output)));
  const known = were.flatMap((each) => each.outputs);
  const moved = outputs.filter((output) => !known.includes(output));
  if (moved.length > 0) return unknownOutputs({ broker, outputs: moved }, leader, kept);
  const gone = known.filter((output) => !outputs.includes(output)).join(' and ');
  return outputChanged(
    `The progress that ${leader} holds also has results ${gone} on ${broker}, which this mill does not write there.`,
    { message: gone, broker, expected: `the results ${gone} on ${broker}`, found: outputs.join(' and ') },
  );
}

function unknownOutputs(
  { broker, outputs }: WriterName,
  leader: string,
  kept: readonly WriterName[] = [],
): WaterMillError {
  const names = outputs.join(' and ');
  const before = kept.find((each) => each.outputs.some((output) => outputs.includes(output)));
  const found =
    before === undefined ? 'progress without them' : `progress of ${before.outputs.join(' and ')} on ${before.broker}`;
  return outputChanged(
    `The results ${names} on ${broker} would begin in the middle: the progress that ${leader} holds is of a mill ${before === undefined ? 'without them there' : `that wrote them to ${before.broker}`}.`,
    { message: names, broker, expected: `progress of ${names} on ${broker}`, found },
  );
}

function outputChanged(sentence: string, details: Record<string, unknown>): WaterMillError {
  return new WaterMillError(
    'WM_OUTPUT_CHANGED',
    `${sentence} Give the mill the results that it had, each on the broker that it had, or start over with another group or without the kept progress.`,
    details,
  );
}
