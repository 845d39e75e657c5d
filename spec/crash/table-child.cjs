// A program that another process kills: a mill with tables over files, which continues where it was killed. It is told what
// table-life.cjs says, and: broker: 'files' | 'custom', input, output, and for 'custom' the folder of its progress.
const { appendFileSync, readFileSync } = require('node:fs');
const { CustomMessageBroker, JsonFileMessageBroker } = require('../../build/modules/dist/index.js');
const { life, liveWithTables, Seen, Step } = require('../support/table-life.cjs');

const { input, output, progress } = life;

const brokers = {
  files: () =>
    new JsonFileMessageBroker(
      [
        [Step, input],
        [Seen, output],
      ],
      { group: 'kill' },
    ),
  // Results come at least once: those after the last commit again.
  custom: () =>
    new CustomMessageBroker({
      sources: [[Step, ({ after = -1 }) => JSON.parse(readFileSync(input, 'utf8')).slice(after + 1)]],
      sinks: [[Seen, (seen) => appendFileSync(output, `${JSON.stringify(seen)}\n`)]],
      progress,
    }),
};

liveWithTables(brokers[life.broker]());
