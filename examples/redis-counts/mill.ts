import { CustomMessageBroker, field, message, processFunction, table, WaterMill } from 'watermill';
import { Emoji, EmojiCount } from './messages.js';

class Counts extends table(EmojiCount, { key: field(EmojiCount, 'emoji') }) {}

/** Counts each emoji. The counts are in the mill; the sink only gets the new one. */
const count = processFunction(Emoji, { inject: [Counts], emits: [EmojiCount] }, ({ emoji }, counts) => {
  const next = message(EmojiCount, { emoji, count: (counts.get(emoji)?.count ?? 0) + 1 });
  counts.put(next);
  return next;
});

async function* emojis() {
  for (let turn = 0; turn < 2; turn++) for (const emoji of '🏆📞🐟👌') yield { emoji };
}

/** Any function is a sink, here one that sets a key of Redis: a repeated call changes nothing. */
export function makeMill(save: (count: EmojiCount) => Promise<unknown>): WaterMill {
  const broker = new CustomMessageBroker({ sources: [[Emoji, emojis()]], sinks: [[EmojiCount, save]] });
  return new WaterMill({ process: count, broker });
}
