import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from './random.js';

/** The rates of faults, per chunk of data. */
export interface FaultRates {
  /** Both ends of the connection are closed. */
  readonly cut: number;
  /** The connection stops transferring data, without notifying either end. */
  readonly silence: number;
  /** The chunk, and everything after it, is delayed. */
  readonly delay: number;
}

const longestDelayMs = 200;

/** A proxy between a client and a broker, with random faults up to a limit. */
export class FaultyProxy {
  readonly done = { cut: 0, silence: 0, delay: 0 };
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly target: { readonly host: string; readonly port: number },
    private readonly random: Random,
    private readonly rates: FaultRates,
    /** After this many cuts and silences it is fault-free. */
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

  /** For a client's option of this name: connections to any broker are redirected here. */
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
