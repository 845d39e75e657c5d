import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Attention, attentionOf, Click, digestOfAttention, events, Impression } from './support/events.js';
import { timed } from './support/timed.js';

const matches = 10;

/**
 * Ten clicks of one user in the band of each impression. With a thousand users the band holds ten thousand clicks, with
 * one user ten: elements that `on` excludes must not cost anything.
 */
export const measures: readonly Measure[] = [
  {
    name: 'interval',
    size: 2_000_000,
    reps: 3,
    ours: { run: throughMill(1000) },
    reference: { run: byHand(1000) },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.8 } }],
  },
  {
    name: 'interval, band of 10,000 against 10',
    size: 1_000_000,
    reps: 3,
    ours: { run: checked(1000) },
    reference: { run: checked(1) },
    metrics: [{ unit: 'ns/element' }],
  },
];

function throughMill(users: number): (work: Work) => Promise<Outcome> {
  return async ({ size }) => {
    const broker = new MemoryMessageBroker([
      [Impression, events(Impression, size, users)],
      [Click, events(Click, size, users)],
    ]);
    const tree = joinStreams(
      Impression,
      joinWith(Click, {
        left: field(Impression, 'time'),
        right: field(Click, 'time'),
        within: [0, users * matches - 1],
        on: [[field(Impression, 'user'), field(Click, 'user')]],
      }),
    );
    const process = processFunction(tree, { emits: [Attention] }, (impression, clicks) =>
      attentionOf(impression, clicks.of(impression)),
    );
    const run = () => new WaterMill({ process, broker }).run();
    return timed(run, () => digestOfAttention(broker.written(Attention)));
  };
}

function byHand(users: number): (work: Work) => Promise<Outcome> {
  return async ({ size }) => {
    const [impressions, clicks] = [events(Impression, size, users), events(Click, size, users)];
    return timed(() => joinWithin(impressions, clicks, users * matches - 1), digestOfAttention);
  };
}

function checked(users: number): (work: Work) => Promise<Outcome> {
  return async (work) => {
    const ours = await throughMill(users)(work);
    return { ...ours, expected: (await byHand(users)(work)).digest };
  };
}

/** The clicks of one user that can still match, from index `first` on. */
interface Recent {
  clicks: Click[];
  first: number;
}

function joinWithin(impressions: readonly Impression[], clicks: readonly Click[], high: number): Attention[] {
  const attentions: Attention[] = [];
  const byUser = new Map<number, Recent>();
  let next = 0;
  for (const impression of impressions) {
    while (next < clicks.length && clicks[next]!.time <= impression.time + high) remember(byUser, clicks[next++]!);
    const recent = byUser.get(impression.user);
    if (recent === undefined) continue;
    dropBefore(recent, impression.time);
    if (recent.first === recent.clicks.length) continue;
    const joined = new Map<Impression, Click[]>();
    joined.set(impression, recent.clicks.slice(recent.first));
    attentions.push(attentionOf(impression, joined.get(impression)!));
  }
  return attentions;
}

function remember(byUser: Map<number, Recent>, click: Click): void {
  const recent = byUser.get(click.user);
  if (recent === undefined) byUser.set(click.user, { clicks: [click], first: 0 });
  else recent.clicks.push(click);
}

function dropBefore(recent: Recent, time: number): void {
  const { clicks } = recent;
  while (recent.first < clicks.length && clicks[recent.first]!.time < time) recent.first++;
  if (recent.first < 64) return;
  recent.clicks = clicks.slice(recent.first);
  recent.first = 0;
}
