import { Everything, everything } from './model.js';

/** Loads the stage with a part replaced by one that throws. */
function without(path: string, names: readonly string[]): typeof import('../../lib/messages/index.js') {
  let messages: any;
  jest.isolateModules(() => {
    const refuse = (): never => {
      throw new Error('the interpreter was used');
    };
    jest.doMock(path, () => ({
      ...jest.requireActual(path),
      ...Object.fromEntries(names.map((name) => [name, refuse])),
    }));
    messages = require('../../lib/messages/index.js');
  });
  return messages;
}

describe('generated code', () => {
  it('reads good messages without the interpreter', () => {
    const { readerOf } = without('../../lib/messages/reading/value-reader.js', ['readMessage']);
    expect(readerOf(Everything)({ ...everything, inner: everything })).toBeInstanceOf(Everything);
    expect(() => readerOf(Everything)({})).toThrow('the interpreter was used');
  });

  it('writes good elements without the interpreter', () => {
    const { readerOf, writerOf } = without('../../lib/messages/writing/plain-writer.js', ['plainOf']);
    const element = readerOf(Everything)({ ...everything, inner: everything });
    expect(JSON.parse(writerOf(Everything)(element))).toMatchObject(everything);
    expect(() => writerOf(Everything)({} as any)).toThrow('the interpreter was used');
  });

  it('does not execute names as code', () => {
    const { Field, Message, readerOf, writerOf } = without('../../lib/messages/reading/value-reader.js', [
      'readMessage',
    ]);
    const name = '"];throw new Error(`x`);\u2028[\'\\';
    class Odd {
      [property: string]: number;
    }
    Field(() => Number)(Odd.prototype, name);
    Field(() => Number, { name: `${name}!` })(Odd.prototype, 'other');
    Message()(Odd);
    const element = readerOf(Odd)({ [name]: 1, [`${name}!`]: 2 });
    expect(element).toEqual({ [name]: 1, other: 2 });
    expect(JSON.parse(writerOf(Odd)(element))).toEqual({ [name]: 1, [`${name}!`]: 2 });
  });
});
