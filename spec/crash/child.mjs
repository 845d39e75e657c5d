// A program that another process kills: a self-join from file to files, which goes on where it was killed.
// node child.mjs '{"input": "in.json", "pairs": "pairs.json", "counts": "counts.json", "elements": 200}'
import 'reflect-metadata';
import {
  alias,
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';

class Place {}
Field(() => Number)(Place.prototype, 'time');
Field(() => String)(Place.prototype, 'name');
Message({ name: 'Place' })(Place);

class Later extends alias(Place, 'Later') {}
Message({ name: 'Later' })(Later);

class Pair {}
Field(() => Number)(Pair.prototype, 'from');
Field(() => Number)(Pair.prototype, 'to');
Field(() => String)(Pair.prototype, 'names');
Message({ name: 'Pair' })(Pair);

class Count {}
Field(() => Number)(Count.prototype, 'time');
Field(() => Number)(Count.prototype, 'found');
Message({ name: 'Count' })(Count);

/** `counts`: the file of a second class of results, if there is to be one. */
const { input, pairs, counts, elements } = JSON.parse(process.argv[2]);

const tree = joinStreams(
  Place,
  joinWith(Later, { left: field(Place, 'time').plus(9), right: field(Later, 'time'), kind: 'left' }),
);
const emits = counts === undefined ? [Pair] : [Pair, Count];
const find = processFunction(tree, { emits }, (place, later) => {
  const found = later.of(place);
  const results = found.map(({ time, name }) =>
    message(Pair, { from: place.time, to: time, names: `${place.name} ${name}` }),
  );
  // Few enough that its file has nothing new at most commits.
  if (counts !== undefined && place.time % 500 === 0) {
    results.push(message(Count, { time: place.time, found: found.length }));
  }
  return results;
});
const outputs =
  counts === undefined
    ? [[Pair, pairs]]
    : [
        [Pair, pairs],
        [Count, counts],
      ];
const broker = new JsonFileMessageBroker([[Place, input], [Later, input], ...outputs], { group: 'kill' });

// Only elements say when to commit: what a slow machine commits must not differ.
const commitEvery = { elements, ms: 3_600_000 };
const { nodes } = await new WaterMill({ process: find, joinTree: tree, broker, commitEvery }).run();
process.stdout.write(JSON.stringify({ read: nodes[0].read }));
