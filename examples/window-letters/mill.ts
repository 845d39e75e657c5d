import { type Broker, JsonFileMessageBroker, message, WaterMill } from 'watermill';
import { flow, tumbling } from 'watermill/flow';
import { Letter, Letters, WindowOfLetters } from './messages.js';

/** Milliseconds. */
const size = 10 * 1000;

/** bytewax's `Dataflow.fold_window`, with its input and its result: a window closes when a letter reaches its end. */
export const letters = flow(Letter)
  .keyBy(({ key }) => key)
  .foldWindow('letters', Letters, {
    window: tumbling({ size }),
    at: ({ time }) => time,
    initial: () => ({ letters: [] }),
    add: ({ letters }, { val }) => ({ letters: [...letters, val] }),
  })
  .map(({ key, start, end, value }) => message(WindowOfLetters, { key, start, end, letters: value.letters }))
  .to(WindowOfLetters);

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Letter, `${samples}/letters.ndjson`],
    [WindowOfLetters, `${out}/windows.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: letters, broker });
}
