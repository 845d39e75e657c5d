import { realTime } from '../../base/real-time.js';

type Stream = NodeJS.WriteStream;

/**
 * Takes the errors of stdout and stderr while there are services: that they are no longer read is not a reason for one to
 * end. A stream that is broken stays guarded: what is printed after the last service would else give the process another
 * exit code.
 */
export class StdioGuard {
  private readonly guards: Guard[] = [];

  listen(): void {
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = streamOf(name);
      if (stream !== undefined) this.guards.push(new Guard(stream));
    }
  }

  /** The error of the last write comes a little later. */
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

/** Node throws if it cannot make a stream of what is there. */
function streamOf(name: 'stdout' | 'stderr'): Stream | undefined {
  try {
    return process[name];
  } catch {
    return undefined;
  }
}
