import { CustomMessageBroker, message, WaterMill } from 'watermill';
import { flow } from 'watermill/flow';
import { Entry, Item, Line, Sentence } from './messages.js';

type Print = (line: string) => void;

const line = (value: unknown) => message(Line, { text: String(value) });

/** bytewax's `Dataflow.filter`. */
export const oddNumbers = flow(Item)
  .filter(({ n }) => n % 2 !== 0)
  .map(({ n }) => line(n))
  .to(Line);

/** Its `Dataflow.map`. */
export const tenMore = flow(Item)
  .map(({ n }) => line(n + 10))
  .to(Line);

/** Its `Dataflow.filter_map`, whose program has no input: entries without a key are dropped. */
export const withKey = flow(Entry)
  .filterMap(({ key, value }) => (key === undefined ? undefined : line(`${key}: ${value}`)))
  .to(Line);

/** Its `Dataflow.flat_map`. */
export const words = flow(Sentence)
  .flatMap(({ text }) => text.split(/\s+/))
  .map(line)
  .to(Line);

/**
 * Its `Dataflow.inspect`, `inspect_epoch` and `inspect_worker`: positions take the place of epochs, which here do not
 * exist, and lanes that of workers. What is inspected goes on, and is dropped here.
 */
export const seen = (print: Print) =>
  flow(Item)
    .inspect(({ n }, { lane, position }) => print(`Saw ${n} @ ${position} in lane ${lane}`))
    .filterMap((): Line | undefined => undefined)
    .to(Line);

/** A mill over the numbers below a limit, that prints its results. */
export function overNumbers(process: typeof oddNumbers, limit: number, print: Print): WaterMill {
  const numbers = Array.from({ length: limit }, (_, n) => ({ n }));
  const broker = new CustomMessageBroker({ sources: [[Item, numbers]], sinks: [[Line, ({ text }) => print(text)]] });
  return new WaterMill({ process, broker });
}
