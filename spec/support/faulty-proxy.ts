import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from './random.js';

/** How often the proxy does what, per piece of data that passes it. */
export interface FaultRates {
  /** Both ends of the connection are closed. */
  readonly cut: number;
  /** Nothing of the connection goes through any more, and neither end is told. */
  readonly silence: number;
  /** The piece, and what comes after it, waits. */
  readonly delay: number;
}

const longestDelayMs = 200;

/** Stands between a client and a broker, and does harm at random until it has done enough. */
export class FaultyProxy {
  readonly done = { cut: 0, silence: 0, delay: 0 };
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly target: { readonly host: string; readonly port: number },
    private readonly random: Random,
    private readonly rates: FaultRates,
    /** After so many cuts and silences it lets everything through. */
    private readonly mostFaults: number,
  ) {
    this.server = createServer((client) => this.join(client));
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** For a client's option of this name: whatever broker it wants to reach, it comes here. */
  readonly socketFactory = ({ onConnect }: { onConnect: () => void }): Socket => {
    return connect({ host: '127.0.0.1', port: this.port }, onConnect);
  };

  private join(client: Socket): void {
    const broker = connect(this.target);
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.sockets.add(from);
      from.on('close', () => {
        this.sockets.delete(from);
        cut();
      });
      from.on('error', cut);
      from.on('data', (piece) => this.pass(piece, from, to, cut));
    }
  }

  private pass(piece: Buffer, from: Socket, to: Socket, cut: () => void): void {
    const { random, rates, done } = this;
    const isDone = done.cut + done.silence >= this.mostFaults;
    if (!isDone && random.chance(rates.cut)) {
      done.cut++;
      cut();
    } else if (!isDone && random.chance(rates.silence)) {
      done.silence++;
      from.removeAllListeners('data').pause();
    } else if (!isDone && random.chance(rates.delay)) {
      done.delay++;
      from.pause();
      setTimeout(() => {
        to.write(piece);
        from.resume();
      }, random.int(longestDelayMs));
    } else {
      to.write(piece);
    }
  }
}
