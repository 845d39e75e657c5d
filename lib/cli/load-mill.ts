import { isClass } from '../base/class.js';
import { shownValue } from '../base/shown-value.js';
import { thrownSentence } from '../base/thrown.js';
import type { Broker } from '../brokers/broker.js';
import { type MillView, viewOf } from '../mill/report/mill-view.js';
import type { WaterMill } from '../mill/water-mill.js';
import { commandError } from './command-error.js';
import { defaultOf, loadModule } from './load-module.js';

export interface LoadedMill {
  readonly mill: WaterMill<any>;
  readonly view: MillView;
}

/** The mill that a module exports as default, or the result of its default function, called with this broker. */
export async function loadMill(file: string, broker?: Broker): Promise<LoadedMill> {
  const found = defaultOf(await loadModule(file));
  const isMaker = typeof found === 'function' && !isClass(found);
  const made = isMaker ? await madeBy(file, found, broker) : found;
  const view = viewOf(made);
  if (view !== undefined) return { mill: made as WaterMill<any>, view };
  const what = isMaker ? `a function that returns ${shownValue(made)}` : shownValue(found);
  throw commandError(
    `${file} exports ${found === undefined ? 'nothing' : what} as default, expected a WaterMill, or a function that returns one: export default () => new WaterMill({ … }).`,
    { file },
  );
}

async function madeBy(file: string, make: Function, broker: Broker | undefined): Promise<unknown> {
  try {
    return await make(broker);
  } catch (error) {
    throw commandError(
      `The function that ${file} exports as default failed: ${thrownSentence(error)}`,
      { file },
      error,
    );
  }
}

/** The same mill with other brokers: see `MillView.remade`. */
export function remade({ view }: LoadedMill, ...args: Parameters<MillView['remade']>): LoadedMill {
  const mill = view.remade(...args);
  return { mill: mill as WaterMill<any>, view: viewOf(mill) as MillView };
}
