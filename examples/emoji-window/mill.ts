import {
  type Broker,
  field,
  JsonFileMessageBroker,
  lines,
  message,
  processFunction,
  slidingWindow,
  WaterMill,
} from 'watermill';
import { Emoji, Line } from './messages.js';

const lastThreeSeconds = slidingWindow(Emoji, field(Emoji, 'time'), { size: 3 });

/** Called for every emoji, with those of the three seconds before it. There is no other state than the window. */
export const countEmojis = processFunction(lastThreeSeconds, { emits: [Line] }, (emojis) => {
  const counts = new Map<string, number>();
  for (const { emoji } of emojis) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  const list = [...counts].map(([emoji, count]) => `'${emoji}': ${count}`).join(', ');
  const end = emojis.at(-1)!.time.toFixed(1);
  return message(Line, { text: `Sliding window ending at ${end}: {${list}}` });
});

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Emoji, `${samples}/emojis.csv`],
    [Line, `${out}/windows.txt`, { format: lines() }],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: countEmojis, broker });
}
