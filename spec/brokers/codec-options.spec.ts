import { PassThrough } from 'node:stream';
import { CustomMessageBroker, DirectoryMessageBroker, JsonFileMessageBroker, MemoryMessageBroker } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { RedisMessageBroker, redisStream } from 'watermill/redis';
import { Item } from '../support/items.js';
import { refusal } from '../support/refusal.js';

/** The brokers with an entry that has this codec. */
const brokers: Record<string, (codec: object) => unknown> = {
  Memory: (codec) => new MemoryMessageBroker([[Item, [], codec]] as never),
  JsonFile: (codec) => new JsonFileMessageBroker([[Item, 'items.json', codec]] as never),
  Directory: (codec) => new DirectoryMessageBroker({ sources: [[Item, 'items', codec]] } as never),
  'source of Custom': (codec) => new CustomMessageBroker({ sources: [[Item, [], codec]] } as never),
  'sink of Custom': (codec) => new CustomMessageBroker({ sinks: [[Item, new PassThrough(), codec]] } as never),
  Kafka: (codec) => new KafkaMessageBroker({ brokers: ['localhost:9092'], topics: [[Item, 'items', codec]] } as never),
  Redis: (codec) => new RedisMessageBroker({ entries: [[Item, redisStream('items'), codec]] } as never),
};

describe.each(Object.entries(brokers))('%sMessageBroker', (name, make) => {
  const member = name.startsWith('sink') ? 'serializer' : 'deserializer';

  it.each([5, null, {}, 'JSON.parse'])(`refuses a ${member} that is %p`, (value) => {
    const error = refusal(() => make({ [member]: value }));
    expect(error.code).toBe('WM_BROKER_OPTIONS');
    expect(error.message).toMatch(
      new RegExp(`^The option '${member}' of the (entry|source|sink) of Item of .* is wrong: expected a function`),
    );
  });

  it('refuses an unknown option', () => {
    const error = refusal(() => make({ deserialiser: () => ({}) }));
    expect(error.code).toBe('WM_BROKER_OPTIONS');
    expect(error.message).toMatch(
      /^The (entry|source|sink) of Item of \w+ has no option "deserialiser". Did you mean \w*serializer\?$/,
    );
  });

  it('refuses a list of options', () => {
    expect(refusal(() => make([])).message).toContain('an object of options as its third member, found [].');
  });

  it('accepts undefined for an omitted option', () => {
    expect(() => make({ [member]: undefined })).not.toThrow();
  });
});

it.each(['Memory', 'JsonFile', 'Directory', 'Kafka', 'Redis'])(
  '%sMessageBroker refuses a raw that is no boolean',
  (name) => {
    expect(refusal(() => brokers[name]?.({ raw: 'yes' })).message).toBe(
      `The option 'raw' of the entry of Item of ${name}MessageBroker is wrong: expected true or false, found "yes".`,
    );
  },
);
