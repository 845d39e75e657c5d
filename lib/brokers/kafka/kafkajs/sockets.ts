import { connect, isIP, Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs';
import { hostOf } from '../options/bootstrap-address.js';

const keepAliveMs = 60_000;

/**
 * The connections of one client of kafkajs. A connection without an answer in time must be closed here: the client
 * would repeat its request on the same connection forever. It would not try another bootstrap address either, as it
 * does if a connection fails: so the next connection to that address is made to fail.
 */
export class KafkajsSockets {
  private readonly open = new Map<Socket, string>();
  /** Bootstrap addresses that did not answer in time, and to which no connection has been refused since. */
  private readonly silent = new Set<string>();
  private over: Error | undefined;

  constructor(
    private readonly make: ISocketFactory = makeSocket,
    /** In the client's format. */
    private readonly bootstrap: readonly string[] = [],
  ) {}

  readonly factory: ISocketFactory = (options) => {
    const address = `${options.host}:${options.port}`;
    if (this.over !== undefined) return new Socket().destroy(this.over);
    if (this.silent.delete(address)) return new Socket().destroy(new Error(`no answer in time from ${address}`));
    const socket = this.make({ ...options, host: hostOf(options.host) });
    this.open.set(socket, address);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** Closes the connections to a broker, given as `host:port`. */
  closeTo(broker: string): void {
    if (this.bootstrap.length > 1 && this.bootstrap.includes(broker)) this.silent.add(broker);
    for (const [socket, to] of this.open) if (to === broker) socket.destroy(new Error('no answer in time'));
  }

  /** Closes all connections, including later ones. Requests on those that the client has not closed itself fail. */
  closeAll(reason: Error): void {
    this.over = reason;
    // The client would log the error.
    for (const socket of this.open.keys()) socket.destroy(socket.writableEnded ? undefined : reason);
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
