import { runService, type ServiceMill, type ServiceOptions } from 'watermill';

const nothing = (): void => {};
const served: ServiceMill[] = [];

/** Ends everything that a failed test has left running. */
export async function endServed(): Promise<void> {
  for (const mill of served.splice(0)) await mill.stop();
}

/** A mill as a service of this process, on a free port, with functions to query it. */
export interface Served {
  readonly ended: Promise<number>;
  /** The line with its address. */
  readonly address: Promise<string>;
  readonly url: Promise<string>;
  get(path: string): Promise<Response>;
  text(path: string): Promise<string>;
  /** Resolves when the condition holds; fails after a while. */
  until(isSo: () => Promise<boolean>): Promise<void>;
}

export function serve(mill: ServiceMill, options: ServiceOptions = {}): Served {
  served.push(mill);
  let listens: (line: string) => void = nothing;
  const address = new Promise<string>((resolve) => {
    listens = resolve;
  });
  const info = ({ host }: { host?: string }, text: string): void => {
    if (/answer on/.test(text)) listens(`${text} of ${host}`);
  };
  const logger = { debug: nothing, info, warn: nothing, error: console.error };
  const ended = runService(mill, { port: 0, logger, ...options });
  const url = address.then((line) => `http://127.0.0.1:${/port (\d+)/.exec(line)?.[1]}`);
  const get = async (path: string): Promise<Response> => fetch(`${await url}${path}`);
  const text = async (path: string): Promise<string> => (await get(path)).text();
  return { ended, address, url, get, text, until };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const latest = Date.now() + 10_000;
  while (!(await isSo())) if (Date.now() > latest) throw new Error('This did not happen within 10 s');
}
