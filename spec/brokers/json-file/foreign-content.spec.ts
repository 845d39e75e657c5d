import { writeFileSync } from 'node:fs';
import { Field, JsonFileMessageBroker, Message, processFunction, WaterMill } from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Row {
  @Field(() => String, { optional: true }) a?: string;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

function run(name: string, content: Uint8Array): Promise<unknown> {
  writeFileSync(directory.file(name), content);
  const broker = new JsonFileMessageBroker([[Row, directory.file(name)]]);
  return new WaterMill({ process: processFunction(Row, {}, () => {}), broker }).run();
}

const utf16 = (text: string, mark: string): Buffer => Buffer.from(mark + text, 'utf16le');
const bigEndian = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

describe('a file that is not UTF-8 text reports what it is, and what to do', () => {
  test.each<[string, (text: string) => Buffer, string]>([
    ['UTF-16', (text) => utf16(text, '\ufeff'), 'Convert it: iconv -f UTF-16 -t UTF-8 FILE.'],
    ['UTF-16', (text) => bigEndian(utf16(text, '\ufeff')), 'Convert it: iconv -f UTF-16 -t UTF-8 FILE.'],
    ['UTF-16', (text) => utf16(text, ''), 'Convert it: iconv -f UTF-16LE -t UTF-8 FILE.'],
    ['UTF-16', (text) => bigEndian(utf16(text, '')), 'Convert it: iconv -f UTF-16BE -t UTF-8 FILE.'],
    ['UTF-32', () => Buffer.from([0xff, 0xfe, 0, 0, 0x5b, 0, 0, 0]), 'Convert it: iconv -f UTF-32 -t UTF-8 FILE.'],
    ['a zip archive', () => Buffer.from('PK\x03\x04\x14\0'), 'Decompress it, unzip -p FILE, or compress it with gzip.'],
    ['data compressed by zstd', () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4]), 'zstd -dc FILE'],
    ['data compressed by bzip2', () => Buffer.from('BZh91AY'), 'bzip2 -dc FILE'],
    ['data compressed by xz', () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'xz -dc FILE'],
  ])('%s %#', async (found, encode, remedy) => {
    const texts = { 'a.json': '[{"a":"x"}]', 'a.ndjson': '{"a":"x"}\n', 'a.csv': 'a\nx\n' };
    for (const [name, text] of Object.entries(texts)) {
      await expect(run(name, encode(text))).rejects.toMatchObject({
        code: 'WM_FILE_BROKEN',
        message: expect.stringContaining(
          `line 1, column 1 (byte 0, element 0): expected text in UTF-8, found ${found}. `,
        ),
        details: { expected: 'text in UTF-8', found },
      });
      await expect(run(name, encode(text))).rejects.toThrow(remedy);
    }
  });

  test('short files are read as before', async () => {
    for (const text of ['', '\n', '[]', '{}\n', '\ufeff', '\ufeff[]'])
      await expect(run('a.json', Buffer.from(text))).resolves.toBeDefined();
  });
});
