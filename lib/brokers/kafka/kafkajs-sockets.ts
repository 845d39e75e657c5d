import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs';

const keepAliveMs = 60_000;

/**
 * The connections of one client of kafkajs. One on which an answer did not come in time must be closed from here: the
 * client would repeat its request on the same one for ever.
 */
export class KafkajsSockets {
  private readonly open = new Map<Socket, string>();

  constructor(private readonly make: ISocketFactory = makeSocket) {}

  readonly factory: ISocketFactory = (options) => {
    const socket = this.make(options);
    this.open.set(socket, `${options.host}:${options.port}`);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** Closes those to a broker, given as `host:port`. */
  closeTo(broker: string): void {
    for (const [socket, to] of this.open) if (to === broker) socket.destroy(new Error('no answer in time'));
  }
}

function makeSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const options = ssl as ConnectionOptions | undefined;
  const socket = options
    ? connectTls({ host, port, ...name, ...options }, onConnect)
    : connect({ host, port }, onConnect);
  return socket.setKeepAlive(true, keepAliveMs);
}
