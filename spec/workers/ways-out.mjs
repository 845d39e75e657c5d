import assert from 'node:assert/strict';
import { once } from 'node:events';
import { MemoryMessageBroker, message, WaterMill, workerProcess } from '../../dist/index.mjs';
import { Label, Photo } from './modules/classes.mjs';

const nothing = () => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

// Prints, for several ways in which a run ends, how many threads it had started and how many are left then. A process of its
// own: under jest nobody is told of workers.

const alive = new Set();
let started = 0;
process.on('worker', (worker) => {
  started++;
  alive.add(worker);
  worker.once('exit', () => alive.delete(worker));
  endLate(worker);
});

/** Lets a thread that has failed end when its run may have ended already. */
function endLate(worker) {
  const emit = worker.emit.bind(worker);
  let hasFailed = false;
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.emit = (event, ...values) => {
    if (event === 'error') hasFailed = true;
    if (event !== 'exit' || !hasFailed) return emit(event, ...values);
    // Node removes the listeners after the event.
    const listeners = worker.listeners(event);
    setTimeout(() => {
      for (const listener of listeners) listener(...values);
    }, 300);
    return true;
  };
  const terminate = worker.terminate.bind(worker);
  worker.terminate = () => {
    void terminate();
    return ended;
  };
}

const photos = (...sizes) => sizes.map((size, id) => message(Photo, { id, size }));
const ways = {
  'never runs': ({ mill }) => mill.explain(),
  'ends the stream': ({ broker, mill }) => {
    broker.push(Photo, ...photos(20, 6));
    return mill.run();
  },
  'is stopped': async ({ broker, mill }) => {
    const running = mill.run();
    broker.push(Photo, ...photos(20, 10, 10));
    while (mill.progress().calls === 0) await new Promise(setImmediate);
    await mill.stop();
    await running;
  },
  fails: ({ broker, mill }) => {
    broker.push(Photo, ...photos(20, 1, 10, 10));
    return mill.run();
  },
  'cannot connect': ({ broker, mill }) => {
    broker.connect = () => Promise.reject(new Error('down'));
    return mill.run();
  },
  'runs out of memory': async ({ broker, mill }) => {
    broker.push(Photo, ...photos(20, 13));
    try {
      await mill.run();
    } catch (error) {
      assert.match(error.cause.message, /label\.mjs ran out of memory in the middle of a call, and was replaced\./);
      throw error;
    }
  },
  'fails between calls': async ({ broker, mill }) => {
    const running = mill.run();
    broker.push(Photo, ...photos(14));
    while (broker.written(Label).length === 0) await new Promise(setImmediate);
    const channel = new BroadcastChannel('fail now');
    channel.postMessage('');
    const [warning] = await once(process, 'warning');
    channel.close();
    console.log(`warns: ${warning.message}`);
    broker.push(Photo, ...photos(6));
    await running;
  },
};

for (const [way, act] of Object.entries(ways)) {
  started = 0;
  const broker = new MemoryMessageBroker([[Photo]]);
  const module = new URL('./modules/label.mjs', import.meta.url);
  const labels = workerProcess(Photo, { module, threads: 2, emits: [Label] });
  const mill = new WaterMill({ process: labels, broker, logger });
  let code = '';
  try {
    await act({ broker, mill });
  } catch (error) {
    code = ` ${error.code}`;
  }
  console.log(`${way}${code}: ${started > 0 ? 'threads' : 'no thread'}, ${alive.size} left`);
}
