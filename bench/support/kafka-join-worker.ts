// One member of a group that joins two topics: <left> <right> <output> <group>.
import { joinThroughMill } from './kafka-join-mill.js';
import { serveWorker } from './worker.js';

serveWorker(async ([left, right, output, group]) => {
  await joinThroughMill({ left: left!, right: right!, output: output! }, { group: group! });
});
