import {
  csv,
  DirectoryMessageBroker,
  Field,
  JsonFileMessageBroker,
  lines,
  MemoryMessageBroker,
  Message,
} from 'watermill';

@Message()
class Reading {
  @Field() n!: number;
}

@Message()
class Named {
  @Field() name!: string;
}

/** Never run: this tests the compiler. Each line marked as an error must be one. */
function entries(): unknown[] {
  return [
    new JsonFileMessageBroker([
      [Reading, 'a.json'],
      [Named, 'b.json', { deserializer: (raw) => ({ name: String(raw.title) }) }],
    ]),
    // @ts-expect-error the path is missing
    new JsonFileMessageBroker([[Reading]]),
    new JsonFileMessageBroker([
      [Reading, 'a.json'],
      // @ts-expect-error a path is a text
      [Named, 5],
    ]),
    new JsonFileMessageBroker([
      [Reading, 'a.json'],
      // @ts-expect-error the serializer gets a Named
      [Named, 'b.json', { serializer: (named) => named.n }],
    ]),
    // @ts-expect-error there is no such option
    new JsonFileMessageBroker([], { groups: 'x' }),
    new JsonFileMessageBroker([
      [Reading, 'a.txt', { format: csv({ header: ['n'], delimiter: ';' }) }],
      [Named, 'b.txt', { format: lines() }],
    ]),
    new DirectoryMessageBroker({ sources: [[Named, 'in', { format: lines() }]] }),
    // @ts-expect-error lines() goes with a class of one string field
    new JsonFileMessageBroker([[Reading, 'a.txt', { format: lines() }]]),
    // @ts-expect-error lines() goes with a class of one string field
    new DirectoryMessageBroker({ sources: [[Reading, 'in', { format: lines() }]] }),
    // @ts-expect-error a format is made by csv() or lines()
    new JsonFileMessageBroker([[Reading, 'a.txt', { format: 'csv' }]]),
    // @ts-expect-error a delimiter is a text
    csv({ delimiter: 5 }),

    new MemoryMessageBroker([[Reading, [{ n: 1 }]], [Named]]),
    new MemoryMessageBroker([
      [Reading, new Set([{ n: 1 }])],
      [Named, [{ title: 'x' }], { deserializer: (raw) => ({ name: raw.title }) }],
    ]),
    // @ts-expect-error n is a number
    new MemoryMessageBroker([[Reading, [{ n: '1' }]]]),
    new MemoryMessageBroker([
      [Reading, [{ n: 1 }]],
      // @ts-expect-error the elements are those of another class
      [Named, [{ n: 1 }]],
    ]),
    // @ts-expect-error an element of another class is pushed
    new MemoryMessageBroker([[Reading]]).push(Reading, { name: 'x' }),
    new MemoryMessageBroker([[Reading]]).written(Reading).map(({ n }) => n.toFixed()),
    // @ts-expect-error results have the type of their class
    new MemoryMessageBroker([[Reading]]).written(Reading).map(({ name }) => name),
  ];
}

test('entries are checked by the compiler, each separately', () => {
  expect(entries).toBeInstanceOf(Function);
});
