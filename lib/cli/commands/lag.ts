import { silentLogger } from '../../base/logger.js';
import { reasonOf } from '../../base/thrown.js';
import type { StreamLag } from '../../brokers/broker.js';
import { type AddCommand, action } from '../command.js';
import { commandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { loadMill } from '../load-mill.js';
import { checkFile } from '../paths.js';

/** The lag of a stream, in all its lanes. */
interface Lag {
  readonly name: string;
  readonly stream: string;
  readonly lag: number | undefined;
  readonly lanes: readonly StreamLag[];
}

export const addLag: AddCommand = (program, done) => {
  program
    .command('lag')
    .description(
      'report how many messages of each stream are left to read after the last commit; nothing is read or changed',
    )
    .argument(
      '<mill.js>',
      'a module whose default export is a mill, or the address of a service: http://localhost:8080',
    )
    .action(
      action<[string], object>(done, async (printer, _, place) => {
        const lags = /^https?:\/\//.test(place) ? await lagsOfService(place) : await lagsOfMill(place);
        printer.result(textOf(lags), lags);
        return exitCodes.done;
      }),
    );
};

/** How long a service may take to answer: it cannot do so within a synchronous call. */
const longestMs = 10_000;

/** The lags that a running service knows of its streams. */
async function lagsOfService(address: string): Promise<readonly Lag[]> {
  // Before a path is added, which would be taken for the host if there is none.
  if (!URL.canParse(address)) throw noService(`${address} is not an address`);
  const place = `${address}${address.endsWith('/') ? '' : '/'}progress`;
  let response: Response;
  try {
    response = await fetch(place, { signal: AbortSignal.timeout(longestMs) });
  } catch (error) {
    // The message of fetch itself only says that it failed.
    throw noService(`${place} does not answer: ${reasonOf((error as Error).cause ?? error)}`, error);
  }
  if (!response.ok) throw noService(`${place} answers ${response.status}`);
  const { nodes } = ((await response.json().catch(() => undefined)) ?? {}) as { nodes?: readonly Omit<Lag, 'lanes'>[] };
  if (!Array.isArray(nodes)) throw noService(`${place} answers what is not the progress of a mill`);
  return nodes.map(({ name, stream, lag }) => ({ name, stream, lag, lanes: [] }));
}

function noService(fault: string, cause?: unknown): Error {
  return commandError(`${fault}. Name the port of runService(mill, { port }).`, {}, cause);
}

async function lagsOfMill(file: string): Promise<readonly Lag[]> {
  checkFile(file, ' Name the module of a mill by its path, or the address of a service: http://localhost:8080.');
  const { view } = await loadMill(file);
  const { nodes } = view.plan;
  const inputs = nodes.map(({ message, input }) => ({ message, entry: input }));
  const found: Lag[] = [];
  for (const broker of view.brokers) {
    const own = inputs.filter(({ message }) => broker.streamOf(message) !== undefined);
    if (own.length === 0) continue;
    if (broker.lag === undefined) {
      throw commandError(
        `${broker.name} does not show the progress of a mill from outside. Run the mill as a service, and ask it: watermill lag http://localhost:8080.`,
        { broker: broker.name },
      );
    }
    const lags = await broker.lag({ inputs: own, logger: silentLogger });
    own.forEach(({ message, entry }, i) => {
      const lanes = lags[i] ?? [];
      const lag = lanes.reduce((sum, each) => sum + each.lag, 0);
      const { name } = nodes.find((node) => node.message === message) ?? message;
      found.push({ name, stream: entry.label, lag, lanes });
    });
  }
  return found;
}

function textOf(lags: readonly Lag[]): string {
  return lags
    .flatMap(({ name, stream, lag, lanes }) => [
      `${name} (${stream}): ${lag === undefined ? 'not known' : `${lag} to read`}`,
      ...lanes.map(
        (each) =>
          `  ${each.label}: ${each.lag}, ${each.committed === undefined ? 'nothing committed' : `at ${each.committed}`} of ${each.end}`,
      ),
    ])
    .join('\n');
}
