import { createClient, type RedisClientType } from 'redis';
import { redisUrl } from './on-redis.js';

type Fields = Readonly<Record<string, string>>;

/** An entry as a reader of the stream finds it. */
export interface FoundEntry {
  readonly id: string;
  readonly fields: Fields;
}

/** The operations of tests on a server, by the package `redis` itself. */
export class TestServer {
  private client: RedisClientType | undefined;

  constructor(private readonly url: string | undefined = redisUrl) {}

  async open(): Promise<void> {
    const client = createClient({
      url: this.url as string,
      RESP: 2,
      socket: { reconnectStrategy: false },
    }) as unknown as RedisClientType;
    this.client = client;
    client.on('error', () => {});
    await client.connect();
  }

  async close(): Promise<void> {
    if (this.client?.isOpen) this.client.destroy();
  }

  send(...command: string[]): Promise<any> {
    return this.client!.sendCommand(command);
  }

  /** Appends values as JSON. */
  async add(key: string, values: readonly object[]): Promise<void> {
    const script = "for i = 1, #ARGV do redis.call('XADD', KEYS[1], '*', 'json', ARGV[i]) end";
    for (let from = 0; from < values.length; from += 1_000) {
      const texts = values.slice(from, from + 1_000).map((value) => JSON.stringify(value));
      await this.send('EVAL', script, '1', key, ...texts);
    }
  }

  /** Appends an entry of fields. Returns its id. */
  addFields(key: string, id: string, fields: Fields): Promise<string> {
    return this.send('XADD', key, id, ...Object.entries(fields).flat());
  }

  /** Ends a stream. */
  async end(key: string): Promise<void> {
    await this.send('XADD', key, '*', 'watermill', 'end-of-stream');
  }

  async entries(key: string): Promise<FoundEntry[]> {
    const found: [string, string[]][] = await this.send('XRANGE', key, '-', '+');
    return found.map(([id, words]) => ({ id, fields: fieldsOf(words) }));
  }

  /** The values of a stream, without end marks. */
  async values(key: string): Promise<any[]> {
    const entries = await this.entries(key);
    return entries.flatMap(({ fields }) => (fields.json === undefined ? [] : [JSON.parse(fields.json)]));
  }

  /** Returns the number of end marks of a stream. */
  async ends(key: string): Promise<number> {
    return (await this.entries(key)).filter(({ fields }) => fields.watermill === 'end-of-stream').length;
  }
}

function fieldsOf(words: readonly string[]): Fields {
  return Object.fromEntries(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1] as string]] : [])));
}
