import { CustomMessageBroker, every, field, message, processFunction, table, WaterMill } from 'watermill';
import { Tick, Value } from './messages.js';

export class Values extends table(Value, { key: field(Value, 'name') }) {}

const keepTime = processFunction(Tick, { inject: [Values] }, ({ at }, values) => {
  values.put({ name: 'time', text: at.toTimeString().slice(0, 8) });
});

/** Keeps the time in a table, every second by default. */
export function makeMill(intervalMs = 1_000): WaterMill {
  const broker = new CustomMessageBroker({ sources: [[Tick, every(intervalMs, (at) => message(Tick, { at }))]] });
  // A table shows committed rows only.
  return new WaterMill({ process: keepTime, broker, commitEvery: { elements: 1 } });
}
