import { CustomMessageBroker, type InputOptions, message, processFunction, WaterMill } from 'watermill';
import { avroReading } from './avro-codec.js';
import { Reading, Warning } from './messages.js';

const warn = processFunction(Reading, { emits: [Warning] }, ({ sensor, celsius }) =>
  celsius !== null && celsius > 30 ? message(Warning, { sensor, celsius }) : undefined,
);

export function makeMill(
  packets: Iterable<Uint8Array>,
  print: (line: string) => void,
  policy: InputOptions<Reading> = {},
): WaterMill {
  const broker = new CustomMessageBroker({
    sources: [[Reading, packets, { deserializer: avroReading.deserializer }]],
    sinks: [[Warning, ({ sensor, celsius }) => print(`${sensor}: ${celsius} °C`)]],
  });
  return new WaterMill({ process: warn, broker, inputs: [[Reading, policy]] });
}
