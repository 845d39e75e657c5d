import { type Broker, CustomMessageBroker, every, field, message, processFunction, table, WaterMill } from 'watermill';
import { Standing, Win } from './messages.js';

export class Standings extends table(Standing, { key: field(Standing, 'player') }) {}

const addPoints = processFunction(Win, { inject: [Standings] }, ({ player, points }, standings) => {
  standings.put({ player, points: (standings.get(player)?.points ?? 0) + points });
});

const players = ['ann', 'bob', 'eve'];

/** A win at every interval, by one player after the other. */
function game(intervalMs: number): Broker {
  let wins = 0;
  const win = () => message(Win, { player: players[wins % players.length] as string, points: (wins++ % 5) + 1 });
  return new CustomMessageBroker({ sources: [[Win, every(intervalMs, win)]] });
}

/** Without a broker, a game with a win every 200 ms. */
export function makeMill(broker: Broker = game(200)): WaterMill {
  // The page shows committed rows only.
  return new WaterMill({ process: addPoints, broker, commitEvery: { elements: 1 } });
}
