import { type Broker, field, JsonFileMessageBroker, message, Process, table, WaterMill } from 'watermill';
import { PageView, Regular, Visits } from './messages.js';

/** The number of views that makes a user a regular one. */
const enough = 3;

/** A count never ends, so a window cannot hold it: it is kept in a table, the latest element of each user. */
export class VisitsByUser extends table(Visits, { key: field(Visits, 'user') }) {}

export class CountVisits {
  @Process({ emits: [Regular] })
  count({ user, at }: PageView, visits: VisitsByUser): Regular | undefined {
    const count = (visits.get(user)?.count ?? 0) + 1;
    visits.put({ user, count, last: at });
    return count === enough ? message(Regular, { user, since: at }) : undefined;
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [PageView, `${samples}/page-views.ndjson`],
    [Regular, `${out}/regulars.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: new CountVisits(), broker });
}
