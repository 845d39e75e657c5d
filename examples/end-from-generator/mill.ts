import { type Broker, EndOfStream, JsonFileMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { Packet, Reading } from './messages.js';

/** Yields as many readings as a packet has, possibly none. `EndOfStream` comes last: earlier yields are written. */
export const unpack = processFunction(Packet, { emits: [Reading] }, function* ({ time, readings, last }) {
  const everySeconds = 60 / readings.length;
  for (const [i, value] of readings.entries()) yield message(Reading, { time: time + i * everySeconds, value });
  if (last) yield new EndOfStream();
});

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Packet, `${samples}/packets.json`],
    [Reading, `${out}/readings.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: unpack, broker });
}
