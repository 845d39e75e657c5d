import {
  type Broker,
  field,
  JsonFileMessageBroker,
  message,
  Process,
  sessionWindow,
  WaterMill,
  WindowBounds,
} from 'watermill';
import { PageView, Visit } from './messages.js';

/** Milliseconds: a longer pause of a user begins another visit. */
const pause = 30 * 60 * 1000;

/** Separate sessions per user: the views of one user do not keep another's session open. */
export const sessions = sessionWindow(PageView, field(PageView, 'at'), { gap: pause, by: field(PageView, 'user') });

export class Visits {
  @Process(sessions, { emits: [Visit] })
  summarise(views: PageView[], { start, end }: WindowBounds<Date>): Visit {
    // A window has at least one element, and all of them are of one user.
    const [{ user }] = views as [PageView, ...PageView[]];
    return message(Visit, { user, start, end, pages: views.map(({ page }) => page) });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [PageView, `${samples}/page-views.ndjson`],
    [Visit, `${out}/visits.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: new Visits(), broker });
}
