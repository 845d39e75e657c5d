import { type Broker, JsonFileMessageBroker, message, WaterMill } from 'watermill';
import { flow } from 'watermill/flow';
import { Line, Seen, Word } from './messages.js';

/**
 * bytewax's `Dataflow.flat_map` (lines into words), then its `Dataflow.stateful_map` (drops repeated words), with the
 * inputs and results of both. Their text says that the builder of a state gets the key, but their program has one
 * without parameters; here `initial` gets it and may ignore it. A step that drops empty results is not needed: a result
 * that is undefined is dropped.
 */
export const newWords = flow(Line)
  .flatMap(({ text }) => text.split(/\s+/).filter((word) => word !== ''))
  .keyBy((word) => word)
  .statefulMap('seen', Seen, {
    initial: () => ({ times: 0 }),
    next: ({ times }, word) => [{ times: times + 1 }, times === 0 ? message(Word, { word }) : undefined],
  })
  .to(Word);

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Line, `${samples}/lines.ndjson`],
    [Word, `${out}/words.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: newWords, broker });
}
