import { type Clock, CustomMessageBroker, every, message, processFunction, WaterMill } from 'watermill';
import { Tick } from './messages.js';

const timeOfDay = (at: Date): string => at.toTimeString().slice(0, 8);

/** Prints the time every second, `times` times. */
export function makeMill(print: (line: string) => void, times: number, clock?: Clock): WaterMill {
  let left = times;
  const show = processFunction(Tick, { emits: [] }, ({ at }) => {
    print(timeOfDay(at));
    if (--left === 0) void mill.stop();
  });
  const broker = new CustomMessageBroker({ sources: [[Tick, every(1_000, (at) => message(Tick, { at }))]] });
  const mill = new WaterMill({ process: show, broker, ...(clock && { clock }) });
  return mill;
}
