import { realTime } from '../../base/real-time.js';

type Stream = NodeJS.WriteStream;

/**
 * Handles the errors of stdout and stderr while there are services: a service must not end because they are not read
 * any more. A broken stream stays guarded: otherwise output after the last service would change the exit code.
 */
export class StdioGuard {
  private readonly guards: Guard[] = [];

  listen(): void {
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = streamOf(name);
      if (stream !== undefined) this.guards.push(new Guard(stream));
    }
  }

  /** The error of the last write arrives a little later. */
  unlisten(): void {
    const guards = this.guards.splice(0);
    realTime.setImmediate(() => {
      for (const guard of guards) guard.end();
    });
  }
}

class Guard {
  private isBroken = false;

  constructor(private readonly stream: Stream) {
    stream.on('error', this.onError);
  }

  end(): void {
    if (!this.isBroken) this.stream.off('error', this.onError);
  }

  private readonly onError = (): void => {
    this.isBroken = true;
  };
}

/** Node throws if it cannot create a stream. */
function streamOf(name: 'stdout' | 'stderr'): Stream | undefined {
  try {
    return process[name];
  } catch {
    return undefined;
  }
}
