import type { Class } from '../../base/class.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { ConnectRequest } from '../broker.js';

interface Run {
  readonly words: string;
  readonly outputs: readonly Class[];
  /** Runs with equal groups share their progress. Undefined if this broker keeps no progress for the run. */
  readonly group: string | undefined;
}

/** The current runs on one MemoryMessageBroker: no two of them share an output or their progress. */
export class RunsInProgress {
  private readonly runs = new Set<Run>();

  /** Adds a run, and returns the function that removes it. Throws if another run has one of its outputs or its progress. */
  begin(request: ConnectRequest, group: string): () => void {
    if (request.exclusive !== true) return () => {};
    const run: Run = {
      words: wordsFor(request),
      outputs: request.outputs.map(({ message }) => message),
      group: request.lanes === undefined ? group : undefined,
    };
    for (const other of this.runs) {
      const shared = run.outputs.find((message) => other.outputs.includes(message));
      if (shared !== undefined) throw outputInUse(shared.name, other, run);
      if (run.group !== undefined && run.group === other.group) throw groupInUse(run);
    }
    this.runs.add(run);
    return () => void this.runs.delete(run);
  }
}

function wordsFor({ inputs, outputs }: ConnectRequest): string {
  const names = (requests: readonly { readonly message: Class }[]): string =>
    requests.map(({ message }) => message.name).join(', ') || 'nothing';
  return `the mill that reads ${names(inputs)} and writes ${names(outputs)}`;
}

function outputInUse(message: string, other: Run, run: Run): WaterMillError {
  return new WaterMillError(
    'WM_OUTPUT_IN_USE',
    `${message} is being written to this MemoryMessageBroker by ${other.words}, so ${run.words} cannot write it too: ` +
      'the results of both would be mixed. Wait until that one has ended, or give this one a result class, or a broker, of its own.',
    { message, expected: 'no other writer', found: other.words },
  );
}

function groupInUse({ words }: Run): WaterMillError {
  return new WaterMillError(
    'WM_GROUP_IN_USE',
    `Two runs of ${words} are in progress on one MemoryMessageBroker: mills with the same inputs and result classes have one ` +
      "progress, and would lose each other's. Wait until the other one has ended, or give this one a broker of its own.",
    { expected: 'no other mill with these inputs and result classes', found: words },
  );
}
