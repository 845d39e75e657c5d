import { type Broker, JsonFileMessageBroker, message, WaterMill } from 'watermill';
import { flow } from 'watermill/flow';
import { LoginSession, UserEvent } from './messages.js';

/**
 * The "sessionizer" of bytewax's `Dataflow.reduce`, with its input and its result. Theirs searches the whole session
 * for a logout after each event; since a session ends at the first one, the last event is enough.
 */
export const sessions = flow(UserEvent)
  .keyBy(({ user }) => user)
  .reduce('sessions', LoginSession, {
    first: ({ type }, user) => message(LoginSession, { user, types: [type] }),
    add: ({ user, types }, { type }) => message(LoginSession, { user, types: [...types, type] }),
    complete: ({ types }) => types.at(-1) === 'logout',
  })
  .to(LoginSession);

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [UserEvent, `${samples}/events.ndjson`],
    [LoginSession, `${out}/sessions.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: sessions, broker });
}
