import {
  type Broker,
  field,
  JsonFileMessageBroker,
  message,
  processFunction,
  sessionWindow,
  WaterMill,
  WindowBounds,
} from 'watermill';
import { PageView, Session } from './messages.js';

/** Milliseconds: a longer pause begins another session. */
const pause = 30 * 60 * 1000;

export const sessions = sessionWindow(PageView, field(PageView, 'at'), { gap: pause });

const summarise = processFunction(sessions, { inject: [WindowBounds], emits: [Session] }, (views, { start, end }) => {
  // A window has at least one element, and the bounds over a Date key are Dates.
  const [first] = views as [PageView, ...PageView[]];
  return message(Session, {
    start,
    end,
    views: views.length,
    entered: first.page,
    left: (views.at(-1) as PageView).page,
    bought: views.some(({ page }) => page === '/checkout/done'),
  });
});

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [PageView, `${samples}/page-views.ndjson`],
    [Session, `${out}/sessions.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: summarise, broker });
}
