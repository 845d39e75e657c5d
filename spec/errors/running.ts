import {
  type Broker,
  DataKey,
  field,
  foldWindow,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  Process,
  processFunction,
  tumblingWindow,
  WaterMill,
  window,
} from 'watermill';
import { flow } from 'watermill/flow';
import { explore, replay, testMill } from 'watermill/testing';
import { silentLogger } from '../../lib/base/logger.js';
import { loadClass } from '../../lib/cli/load-class.js';
import { telemetry } from '../../lib/metrics/telemetry.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { bindProcess } from '../../lib/mill/process/bind-process.js';
import { HttpServer } from '../../lib/mill/service/http-server.js';
import { settingsOf } from '../../lib/mill/service/service-options.js';
import { ScriptedBroker, ScriptedStream } from '../mill/support/scripted-broker.js';
import { broker, Item, Weather } from '../plan/model.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { VirtualClock } from '../support/virtual-clock.js';
import type { Production } from './produced-code.js';

const nothing = (): void => {};
const items = (...times: unknown[]): object[] => times.map((time) => Object.assign(new Item(), { time, name: 'a' }));
const byTime = window(Item, field(Item, 'time'));

/** Runs a mill of one stream over these elements. */
function run(
  elements: object[],
  process: unknown,
  prepare: (broker: ScriptedBroker) => unknown = nothing,
): Promise<unknown> {
  const scripted = new ScriptedBroker([[Item, elements]]);
  prepare(scripted);
  return new WaterMill({ process: process as object, broker: scripted }).run();
}

/** Returns the cause of a failure, which is the error of a step of a flow. */
function causeOf(failing: Promise<unknown>): Promise<unknown> {
  return failing.catch((error) => Promise.reject((error as Error).cause));
}

/** Two lanes would have to read a source that can be read only once. */
function inputOnlyOnce(): Promise<unknown> {
  const leads = new ScriptedBroker([[Item, []]], { lanes: ['0', '1'] });
  const once = new ScriptedBroker([[Weather, []]], { rereads: false, name: 'Once' });
  const tree = joinStreams(Item, joinWith(Weather, { left: field(Item, 'time'), right: field(Weather, 'time') }));
  return new WaterMill({ process: processFunction(tree, {}, nothing), broker: [leads, once] }).run();
}

/** Binds a process when tsyringe cannot be loaded, without an effect on the modules of other tests. */
async function withoutContainer(): Promise<void> {
  const plan = makePlan({ process: processFunction(Item, { inject: ['x'] }, nothing), broker });
  jest.doMock('tsyringe', fail);
  try {
    await jest.isolateModulesAsync(async () => {
      const isolated = await import('../../lib/mill/process/bind-process.js');
      await isolated.bindProcess(plan);
    });
  } finally {
    jest.dontMock('tsyringe');
  }
}

function runTwice(): unknown {
  const mill = new WaterMill({ process: processFunction(Item, {}, nothing), broker: new ScriptedBroker([[Item, []]]) });
  return mill.run().then(() => mill.run());
}

async function timeoutKeyFails(): Promise<unknown> {
  const clock = new VirtualClock();
  const live = new ScriptedStream([message(Item, { time: 1, name: 'a' })], true);
  const scripted = new ScriptedBroker([[Item, live]], { timeouts: { pollTimeoutMs: 100 } });
  const process = processFunction(window(Item, field(Item, 'time'), { onTimeout: fail }), {}, nothing);
  const running = new WaterMill({ process, broker: scripted, clock }).run();
  await Promise.race([running, clock.advance(100)]);
  return running;
}

const perTime = window(Item, field(Item, 'time'));

function fail(): never {
  throw new Error('no');
}

async function otherPlan(): Promise<unknown> {
  const scripted = new ScriptedBroker([[Item, []]]);
  await new WaterMill({ process: processFunction(Item, {}, nothing), broker: scripted }).run();
  return new WaterMill({ process: processFunction(byTime, {}, nothing), broker: scripted }).run();
}

function savedTwice(): Promise<unknown> {
  const process = processFunction(Item, { inject: [DataKey] }, (_, key) => {
    mill.saveResults(key);
    mill.saveResults(key);
  });
  const mill: WaterMill = new WaterMill({ process, broker: new ScriptedBroker([[Item, items(1)]]) });
  return mill.run().catch((error) => {
    throw error.cause;
  });
}

async function portTaken(): Promise<unknown> {
  const listen = (port: number) => HttpServer.listen([], { option: 'healthPort', port, host: undefined }, silentLogger);
  const first = await listen(0);
  return listen(first.port).finally(() => first.close());
}

/** A process that counts its own calls. */
function exploreState(): Promise<unknown> {
  const { path: folder, remove } = temporaryDirectory();
  const makeMill = (broker: Broker) => {
    let calls = 0;
    const process = processFunction(Item, { emits: [Item] }, (item) => message(Item, { ...item, name: `${++calls}` }));
    return new WaterMill({ process, broker });
  };
  return explore(makeMill, { inputs: [[Item, items(1, 2) as Item[]]], fixture: folder }).finally(remove);
}

class Disposable {
  @Process(Item, { inject: [], emits: [] })
  take(_: Item): void {}

  [Symbol.dispose](): void {
    fail();
  }
}

function notDisposed(): Promise<unknown> {
  const container = { resolve: () => new Disposable() };
  return new WaterMill({ process: Disposable, broker: new ScriptedBroker([[Item, []]]), container }).run();
}

const plain = processFunction(Item, {}, nothing);
const windowed = processFunction(byTime, {}, nothing);
const ordered = processFunction(tumblingWindow(Item, field(Item, 'time'), { size: 10 }), {}, nothing);

/** Errors of running a mill. */
export const running: readonly Production[] = [
  ['WM_CONTAINER', withoutContainer],
  [
    'WM_INJECTION',
    () =>
      bindProcess(makePlan({ process: processFunction(Item, { inject: ['x'] }, nothing), broker }), { resolve: fail }),
  ],
  ['WM_DISPOSE_FAILED', notDisposed],
  ['WM_RESULT', () => run(items(1), processFunction(Item, {}, (() => 5) as any))],
  ['WM_DATA_KEY', () => new WaterMill({ process: plain, broker: new ScriptedBroker([[Item, []]]) }).saveResults('k-1')],
  ['WM_SAVED_TWICE', savedTwice],
  [
    'WM_FOLD_FAILED',
    () => run(items(1), processFunction(foldWindow(perTime, { initial: fail, add: fail }), {}, nothing)),
  ],
  ['WM_KEY_FAILED', () => run(items(1), processFunction(window(Item, fail), {}, nothing))],
  ['WM_RUN_TWICE', runTwice],
  ['WM_ORDER_VIOLATED', () => run(items(2, 1), ordered)],
  ['WM_INVALID_KEY', () => run(items(Number.NaN), windowed)],
  [
    'WM_FLOW_VALUE',
    () =>
      causeOf(
        run(
          items(1),
          flow(Item)
            .filter((() => 1) as any)
            .map(() => new Weather())
            .to(Weather),
        ),
      ),
  ],
  ['WM_PROCESS_FAILED', () => run(items(1), processFunction(Item, {}, fail))],
  ['WM_TIMEOUT_KEY_FAILED', timeoutKeyFails],
  ['WM_PLAN_CHANGED', otherPlan],
  ['WM_COMMIT_UNREADABLE', () => run([], plain, (scripted) => void scripted.commits.set('0', 'nonsense'))],
  ['WM_BROKER_CANNOT_FOLLOW', inputOnlyOnce],
  ['WM_BROKER_FAILED', () => run([], plain, (scripted) => Object.assign(scripted, { onCall: fail }))],
  ['WM_WHY', () => new WaterMill({ process: plain, broker: new MemoryMessageBroker([[Item, []]]) }).why(Item, 7)],
  ['WM_SERVICE_OPTIONS', () => Promise.reject(settingsOf({ graceMs: -1 }).problem)],
  ['WM_METRICS', () => Promise.resolve().then(() => telemetry({} as any, {}))],
  ['WM_HEALTH_PORT', portTaken],
  ['WM_COMMAND', () => loadClass('messages.js')],
  ['WM_FIXTURE', () => replay('no such fixture', () => Promise.reject())],
  ['WM_TEST_KIT', () => testMill({ process: plain }).results(Item)],
  ['WM_EXPLORE', exploreState],
];
