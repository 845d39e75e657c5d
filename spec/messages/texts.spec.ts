import { Everything, everything } from './model.js';
import { sentence, variants } from './support/variants.js';

describe.each(variants)('fields that are texts, %s', (_variant, messages) => {
  const { readerOf, textWriterOf, schemaOf, message, Field, Message } = messages;

  @Message()
  class Row {
    @Field({ name: 'n' }) count!: number;
    @Field() text!: string;
    @Field(() => String, { optional: true }) note?: string;
    @Field(() => Number, { nullable: true }) rate!: number | null;
    @Field(() => Number, { optional: true }) size?: number;
  }

  const read = readerOf(Row, undefined, { texts: true });
  const good = { n: '1', text: 'a', note: 'b', rate: '2', size: '3' };
  const reading = (change: object): unknown => read({ ...good, ...change });

  it('are converted as the class declares', () => {
    expect(reading({})).toEqual({ count: 1, text: 'a', note: 'b', rate: 2, size: 3 });
    expect(reading({})).toBeInstanceOf(Row);
  });

  it.each([
    ['12', 12],
    ['-1.5e3', -1500],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    [' 7 ', 7],
    ['\t7', 7],
    ['-0', -0],
    ['0', 0],
    ['1e-7', 1e-7],
    ['00012', 12],
  ])('reads the number %j', (text, number) => {
    expect(reading({ n: text })).toMatchObject({ count: number });
  });

  it.each(['0x10', ' 0x10', '0b1', 'Infinity', '1,5', '1_000', '12a', ' ', '-', '.', 'NaN', '1e', '--1'])(
    'takes %j for no number',
    (text) => {
      expect(sentence(() => reading({ n: text }))).toBe(
        `field n must be a finite number, but is the string ${JSON.stringify(text)}.`,
      );
    },
  );

  it('reports a number that is too large as such', () => {
    expect(sentence(() => reading({ n: '1e400' }))).toMatch('field n must be a finite number, but is out of range');
  });

  it('reads an empty text as missing, null, the empty string, or a bad value', () => {
    expect(reading({ text: '', note: '', rate: '', size: '' })).toEqual({ count: 1, text: '', rate: null });
    expect(sentence(() => reading({ n: '' }))).toBe('field n must be a finite number, but is the string "".');
  });

  it('reads a missing value as in JSON', () => {
    expect(read({ n: '1', text: 'a', rate: '1' })).toEqual({ count: 1, text: 'a', rate: 1 });
    expect(sentence(() => read({ n: '1', rate: '1' }))).toMatch('field text must be a string, but is missing.');
  });

  it('keeps spaces in strings', () => {
    expect(reading({ text: ' a ' })).toMatchObject({ text: ' a ' });
  });

  it('reads a message with values other than texts as usual', () => {
    expect(reading({ n: 5 })).toMatchObject({ count: 5 });
    for (const value of [null, 5, 'a', ['a']]) {
      expect(sentence(() => read(value))).toMatch('the message must be an object with the fields of Row');
    }
  });

  @Message()
  class Kinds {
    @Field(() => Boolean) flag!: boolean;
    @Field(() => BigInt) id!: bigint;
    @Field(() => Date) at!: Date;
    @Field(() => BigInt, { iso: 'us' }) exact!: bigint;
    @Field({ oneOf: ['a', '1', 1, 2, true] }) choice!: 'a' | '1' | 1 | 2 | true;
    @Field(() => Object) any!: unknown;
    @Field(() => [Number]) list!: number[];
    @Field(() => Row) row!: Row;
  }

  const readKinds = readerOf(Kinds, undefined, { texts: true });
  const kinds = {
    flag: ' True ',
    id: ' 12345678901234567890',
    at: '2026-01-02T03:04:05.678Z ',
    exact: '2026-01-02T03:04:05.678901Z',
    choice: '2',
    any: '{"a":[1]}',
    list: '[1, 2]',
    row: '{"n":1,"text":"","rate":null}',
  };

  it('covers every kind of field', () => {
    expect(readKinds(kinds)).toEqual({
      flag: true,
      id: 12345678901234567890n,
      at: new Date('2026-01-02T03:04:05.678Z'),
      exact: 1767323045678901n,
      choice: 2,
      any: { a: [1] },
      list: [1, 2],
      row: { count: 1, text: '', rate: null },
    });
    expect(readKinds(kinds).row).toBeInstanceOf(Row);
  });

  it.each([
    ['flag', 'FALSE', false],
    ['at', '1767323045678', new Date(1767323045678)],
    ['at', '2026-01-02', new Date('2026-01-02')],
    ['choice', '1', '1'],
    ['choice', 'true', true],
    ['any', 'null', null],
    ['any', '"x"', 'x'],
  ])('reads %s from %j', (name, text, value) => {
    expect(readKinds({ ...kinds, [name]: text })).toMatchObject({ [name]: value });
  });

  it.each([
    ['flag', '1', 'field flag must be true or false, but is the string "1".'],
    ['id', '1.5', 'field id must be a bigint (a decimal string'],
    [
      'at',
      'Jan 1',
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the string "Jan 1"',
    ],
    ['at', '2026-01-01T00:00:00', 'Without a zone'],
    ['choice', 'b', 'field choice must be one of "a", "1", 1, 2, true, but is the string "b".'],
    ['any', '{a}', 'field any must be JSON, but is the string "{a}".'],
    ['any', '', 'field any must be JSON, but is the string "".'],
    ['list', '1;2', 'field list must be an array, but is the string "1;2".'],
    ['list', '["1"]', 'field list[0] must be a finite number, but is the string "1".'],
    ['row', '{"n":"1","text":"","rate":null}', 'field row.n must be a finite number, but is the string "1".'],
  ])('describes the fault of %s %j', (name, text, message) => {
    expect(sentence(() => readKinds({ ...kinds, [name]: text }))).toMatch(message);
  });

  it('passes the texts to a deserializer', () => {
    const given: unknown[] = [];
    const deserializer = (texts: any) => {
      given.push(texts);
      return { count: Number(texts.n), text: '', rate: null };
    };
    expect(readerOf(Row, { deserializer }, { texts: true })({ n: '5', other: 'x' })).toEqual({
      count: 5,
      text: '',
      rate: null,
    });
    expect(given).toEqual([{ n: '5', other: 'x' }]);
  });

  it('refuses unknown members of a strict class', () => {
    @Message({ strict: true })
    class Strict {
      @Field() a!: number;
    }
    const strict = readerOf(Strict, undefined, { texts: true });
    expect(strict({ a: '1' })).toEqual({ a: 1 });
    expect(sentence(() => strict({ a: '1', b: '2' }))).toMatch('field b must be left out');
  });

  const names = schemaOf(Row).fields.map(({ name }) => name);
  const write = textWriterOf(Row, names);
  const textsOf = (change: object) =>
    write(message(Row, { count: 1, text: 'a', note: 'b', rate: 2, size: 3, ...change } as any));

  it('are written so that they read back the same', () => {
    expect(textsOf({})).toEqual(['1', 'a', 'b', '2', '3']);
    expect(textsOf({ count: -0 })).toEqual(['-0', 'a', 'b', '2', '3']);
    expect(textsOf({ count: -0, note: undefined, rate: null, size: undefined })).toEqual([
      '-0',
      'a',
      undefined,
      '',
      undefined,
    ]);
    expect(textsOf({ text: '' })).toEqual(['1', '', 'b', '2', '3']);
    const element = message(Kinds, {
      flag: false,
      id: -5n,
      at: new Date(5),
      exact: 1n,
      choice: 2,
      any: 'x',
      list: [1.5],
      row: message(Row, { count: 1, text: 'é', rate: null }),
    });
    const kindNames = schemaOf(Kinds).fields.map(({ name }) => name);
    const texts = textWriterOf(Kinds, kindNames)(element);
    expect(texts).toEqual([
      'false',
      '-5',
      '1970-01-01T00:00:00.005Z',
      '1970-01-01T00:00:00.000001Z',
      '2',
      '"x"',
      '[1.5]',
      '{"n":1,"text":"é","rate":null}',
    ]);
    expect(readKinds(Object.fromEntries(kindNames.map((name, i) => [name, texts[i]])))).toEqual(element);
  });

  it('read back from all kinds of fields', () => {
    const element = readerOf(Everything)({ ...everything, note: 'n', rate: 1 });
    const allNames = schemaOf(Everything).fields.map(({ name }) => name);
    const texts = textWriterOf(Everything, allNames)(element);
    const row = Object.fromEntries(allNames.map((name, i) => [name, texts[i] ?? '']));
    expect(readerOf(Everything, undefined, { texts: true })(row)).toEqual(element);
  });

  it.each([
    [{ count: Number.NaN }, 'field count must be a finite number, but is NaN'],
    [
      { note: '' },
      'field note must be a string that a text can hold, but is the empty string. It would be read back as missing.',
    ],
    [{ text: '\ud800' }, 'field text must be text in Unicode, but is a string with half a surrogate pair.'],
    [{ text: undefined }, 'field text must be a string, but is missing'],
  ])('refuses %j, which would not read back', (change, reason) => {
    expect(sentence(() => textsOf(change))).toMatch(reason);
  });

  it('refuses a value that reads back as an empty text or another value', () => {
    @Message()
    class Empty {
      @Field(() => String, { nullable: true }) name!: string | null;
      @Field(() => Number, { optional: true, nullable: true }) both?: number | null;
      @Field(() => Number, { optional: true }) five?: number = 5;
      @Field({ oneOf: ['1', 1] }) one!: '1' | 1;
    }
    const texts = textWriterOf(Empty, ['name', 'both', 'five', 'one']);
    const writing = (change: object) =>
      sentence(() => texts({ name: 'n', both: 1, five: 1, one: '1', ...change } as any));
    expect(writing({})).toBe('nothing thrown');
    expect(writing({ name: '' })).toMatch('but is the empty string. It would be read back as null.');
    expect(writing({ both: null })).toMatch('but is null. An empty text is read back as undefined.');
    expect(writing({ five: undefined })).toMatch(
      "but is undefined. An empty text is read back as the class's own value.",
    );
    expect(writing({ one: 1 })).toMatch('but is the number 1. It would be read back as the string "1".');
  });

  it('come from a serializer by name', () => {
    const serialized = (made: unknown) => () => textWriterOf(Row, ['n', 'text'], { serializer: () => made })({} as Row);
    expect(serialized({ n: 5n, text: null })()).toEqual(['5', '']);
    expect(serialized({ text: { a: 1 } })()).toEqual([undefined, '{"a":1}']);
    expect(sentence(serialized({ n: 1, other: 2 }))).toMatch(
      'the serializer returned a member other, which is none of n, text.',
    );
    expect(sentence(serialized([1]))).toMatch(
      'the serializer must return an object with a member for each field, but returned an array.',
    );
  });

  it('may be bytes if messages are bytes', () => {
    const buffer = Buffer.from('abc');
    const codec = { serializer: () => buffer.subarray(1) };
    const made = messages.recordWriterOf(Row, codec)({} as Row);
    buffer.fill(0);
    expect(made).toEqual(Buffer.from('bc'));
    expect(messages.recordWriterOf(Row, { serializer: () => ({ a: 1n }) })({} as Row)).toBe('{"a":"1"}');
    expect(messages.recordWriterOf(Row)(message(Row, { count: 1, text: 'a', rate: null }))).toBe(
      '{"n":1,"text":"a","rate":null}',
    );
    expect(sentence(() => messages.writerOf(Row, codec)({} as Row))).toMatch(
      'the serializer returned bytes. They go to brokers whose messages are bytes, such as Kafka.',
    );
  });
});
