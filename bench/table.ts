import { MemoryMessageBroker, message, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { timed } from './support/timed.js';
import { countingIn, digestOfVisits, PageView, Visits, VisitsByUser, viewsOf } from './support/visits.js';

const users = 100_000;

/** Events counted for each of a hundred thousand users in a table in memory; compared with a Map. */
export const measures: readonly Measure[] = [
  {
    name: 'table',
    size: 5_000_000,
    ours: { run: throughMill },
    reference: { run: byHand },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.6 } }],
  },
];

async function throughMill({ size }: Work): Promise<Outcome> {
  const broker = new MemoryMessageBroker([[PageView, [...viewsOf(size, users)]]]);
  const mill = new WaterMill({ process: countingIn(VisitsByUser), broker });
  return timed(
    () => mill.run(),
    () => digestOfVisits(mill.table(VisitsByUser).range()),
  );
}

async function byHand({ size }: Work): Promise<Outcome> {
  const views = [...viewsOf(size, users)];
  return timed(
    () => countByHand(views),
    (visits) => digestOfVisits(visits.values()),
  );
}

/** Creates an element per count, like the table. */
function countByHand(views: readonly PageView[]): Map<string, Visits> {
  const visits = new Map<string, Visits>();
  for (const { user } of views) {
    visits.set(user, message(Visits, { user, count: (visits.get(user)?.count ?? 0) + 1 }));
  }
  return visits;
}
