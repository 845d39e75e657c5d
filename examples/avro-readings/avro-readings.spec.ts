import { message } from 'watermill';
import { avroReading, encode } from './avro-codec.js';
import { Reading } from './messages.js';
import { makeMill } from './mill.js';

const reading = (celsius: number | null) => message(Reading, { sensor: 'a', time: new Date(5), celsius });

it('reads what it writes', () => {
  for (const celsius of [null, 1.5])
    expect(avroReading.deserializer(encode(reading(celsius)))).toEqual({ ...reading(celsius) });
});

it('warns of warm readings', async () => {
  const printed: string[] = [];
  await makeMill(
    [21, null, 34.5].map((celsius) => encode(reading(celsius))),
    (line) => printed.push(line),
  ).run();
  expect(printed).toEqual(['a: 34.5 °C']);
});

it('takes bytes that are not Avro for a bad message, which a mill may skip', async () => {
  const packets = [encode(reading(31)), Uint8Array.of(255, 1), encode(reading(32))];
  await expect(makeMill(packets, () => {}).run()).rejects.toMatchObject({
    code: 'WM_BAD_MESSAGE',
    message: expect.stringContaining('Reading at position 1'),
  });
  const printed: string[] = [];
  await makeMill(packets, (line) => printed.push(line), { onBadMessage: 'skip' }).run();
  expect(printed).toEqual(['a: 31 °C', 'a: 32 °C']);
});
