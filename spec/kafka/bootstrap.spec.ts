import { createServer, type Server, type Socket } from 'node:net';
import { type Logger, message, processFunction, WaterMill } from 'watermill';
import type { KafkaOptions } from 'watermill/kafka';
import { KafkajsSockets } from '../../lib/brokers/kafka/kafkajs/sockets.js';
import { clientAddress, hostOf, parsedAddress } from '../../lib/brokers/kafka/options/bootstrap-address.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, kafkaAddress } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));
const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function mill(
  brokers: unknown,
  topics = ['orders', 'sales'],
  options: Partial<KafkaOptions> = {},
  logger = silentLogger,
) {
  const entries = [
    [Order, topics[0] as string],
    [Sale, topics[1] as string],
  ] as const;
  const broker = kafkaBroker(entries, { brokers, ...options } as any);
  return new WaterMill({ process: copy, broker, logger });
}

/** A server that accepts connections and does not respond. */
class SilentServer {
  readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => {
    this.sockets.add(socket.resume());
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('an address', () => {
  it.each([
    ['localhost:9092', 'localhost', 9092],
    [' kafka-1.example.com:1 ', 'kafka-1.example.com', 1],
    ['[::1]:9092', '::1', 9092],
    ['[2001:db8::7]:65535', '2001:db8::7', 65535],
    ['[fe80::1%eth-0]:9092', 'fe80::1%eth-0', 9092],
  ])('parses %j as host and port', (given, host, port) => {
    const address = parsedAddress(given);
    expect(address).toEqual({ host, port, text: given.trim() });
    // The client splits it at its first colon.
    const [seen, of] = clientAddress(address as any).split(':');
    expect([hostOf(seen as string), Number(of)]).toEqual([host, port]);
  });

  it.each<[unknown, string]>([
    ['localhost', "'localhost' has no port."],
    ['localhost:', "'localhost:' has no port."],
    ['[::1]', "'[::1]' has no port."],
    ['::1:9092', "Write the IPv6 address of '::1:9092' in brackets: '[::1]:9092'."],
    ['kafka://a:9092', "Write 'a:9092', without a scheme or a path."],
    ['a:9092,b:9092', 'Write each address as a separate element.'],
    ['a b:9092', "'a b:9092' is not host:port."],
    ['a:0', "The port of 'a:0' must be from 1 to 65535."],
    ['a:65536', "The port of 'a:65536' must be from 1 to 65535."],
    ['  ', 'An address is empty.'],
    [9092, 'Each address is a string.'],
  ])('refuses %j', (given, hint) => {
    expect(() => mill(['localhost:9092', given])).toThrow(
      /^The option 'brokers' of KafkaMessageBroker is wrong: expected an array of host:port, such as \['localhost:9092'\], found .*\. /,
    );
    expect(() => mill([given])).toThrow(hint);
  });
});

describe('bootstrap addresses that do not answer', () => {
  it('are each named once, with the reason', async () => {
    const said: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, text: string) => void said.push(text) };
    const brokers = ['127.0.0.1:1', '127.0.0.1:2', '[::1]:1', '127.0.0.1:1'];
    const error = (await rejection(
      mill(brokers, undefined, { retry: { retries: 1, initialRetryTime: 1 } }, logger).run(),
    )) as Error;
    const found =
      /127\.0\.0\.1:1: Connection error: connect ECONNREFUSED 127\.0\.0\.1:1; 127\.0\.0\.1:2: Connection error: connect ECONNREFUSED 127\.0\.0\.1:2; \[::1\]:1: Connection error: connect E\w+ ::1:1/;
    expect(said).toEqual([expect.stringMatching(found)]);
    expect(error).toMatchObject({ code: 'WM_KAFKA_FAILED' });
    expect(error.message).toMatch(/^Kafka failed at connecting to 127\.0\.0\.1:1, 127\.0\.0\.1:2, \[::1\]:1: 127/);
    expect(error.message).toMatch(found);
  });

  it('do not delay stop()', async () => {
    const silent = new SilentServer();
    const running = mill([await silent.open()]);
    const ended = running.run();
    while (silent.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await running.stop();
    expect((await ended).ended).toBe('stopped');
    await silent.close();
  });
});

describe('a bootstrap address that does not respond', () => {
  const args = { port: 1, ssl: undefined as any, onConnect() {} };
  const made: string[] = [];
  const make = ({ host }: { host: string }): any => {
    made.push(host);
    return { once() {} };
  };

  it('fails once, so that the client tries the next one', async () => {
    const sockets = new KafkajsSockets(make, ['a:1', 'b:1']);
    sockets.closeTo('a:1');
    const refused = sockets.factory({ ...args, host: 'a' });
    await expect(new Promise((_, reject) => refused.on('error', reject))).rejects.toThrow('no answer in time from a:1');
    sockets.factory({ ...args, host: 'a' });
    expect(made).toEqual(['a']);
  });

  it.each([
    ['it is the only one', ['a:1']],
    ['the cluster named it', ['b:1', 'c:1']],
  ])('does not fail if %s', (_, bootstrap) => {
    made.length = 0;
    const sockets = new KafkajsSockets(make, bootstrap);
    sockets.closeTo('a:1');
    sockets.factory({ ...args, host: 'a' });
    expect(made).toEqual(['a']);
  });
});

describeOnKafka('bootstrap addresses of which one answers', () => {
  const cluster = new TestCluster();
  const silent = new SilentServer();
  let silentAddress: string;
  beforeAll(async () => {
    await cluster.open();
    silentAddress = await silent.open();
  });
  afterAll(async () => {
    await cluster.close();
    await silent.close();
  });

  it.each([
    ['nobody listens at the first ones', () => ['127.0.0.1:1', '[::1]:1', '127.0.0.1:2']],
    ['the first one takes connections and is silent', () => [silentAddress]],
    ['the name of the first one is not known', () => ['no-such-host.invalid:9092']],
  ])('is enough if %s', async (_, first) => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(
      orders,
      range(3).map((time) => ({ time, id: 'o' })),
    );
    await cluster.end(orders);
    await mill([...first(), kafkaAddress], [orders, sales]).run();
    expect((await cluster.values(sales)).map(({ amount }) => amount)).toEqual([0, 1, 2]);
    while (silent.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
