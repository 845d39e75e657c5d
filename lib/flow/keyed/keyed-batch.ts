import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { FlowCall, Push } from '../flow-call.js';
import { emitAll } from './emit-all.js';
import type { FlowLane } from './flow-lane.js';
import type { KeptRow } from './kept-row.js';
import { KeptValues } from './kept-values.js';
import type { KeyedStep } from './keyed-steps.js';
import { StepKeys } from './step-keys.js';
import type { StepRows } from './step-rows.js';
import { StepState } from './step-state.js';

/** The open list of a key: its values, and the numbers of their rows. */
interface OpenList {
  readonly key: any;
  readonly id: unknown;
  readonly values: unknown[];
  readonly rows: number[];
  readonly since: number;
}

/**
 * Lists of a number of values per key. The values of open lists are stored in one row each, with increasing numbers.
 */
export class KeyedBatch extends StepState {
  /** By key. The list with the most recent value is the last one. */
  private lists: Map<unknown, OpenList> | undefined;
  /** The lists before the failed call, which have the times since when lists are open. */
  private before: ReadonlyMap<unknown, OpenList> | undefined;
  private lastRow = 0;
  private readonly values: KeptValues;
  private readonly keys: StepKeys;

  constructor(
    private readonly step: KeyedStep & { what: 'keyedBatch' },
    private readonly rows: StepRows<KeptRow>,
    private readonly next: Push,
    private readonly lane: FlowLane,
  ) {
    super(step.name, lane.flow);
    this.keys = new StepKeys(step.name);
    this.values = new KeptValues(this.place);
  }

  readonly push: Push = (value, key, call) => {
    const lists = this.loaded();
    const id = this.keys.idOf(key ?? '');
    const list = lists.get(id) ?? { key, id, values: [], rows: [], since: this.lane.now() };
    lists.delete(id);
    if (list.values.length + 1 === this.step.size) return this.emit(list, [...list.values, value], call);
    lists.set(id, list);
    const row = ++this.lastRow;
    const { encoded, copy } = this.values.keep(value);
    this.rows.set(row, { of: row, key: keyToJson(key), value: encoded });
    list.rows.push(row);
    list.values.push(copy);
    return undefined;
  };

  override get deadline(): number | undefined {
    const { timeoutMs } = this.step;
    if (timeoutMs === undefined) return undefined;
    let first: number | undefined;
    for (const { since } of this.loaded().values()) if (first === undefined || since < first) first = since;
    return first === undefined ? undefined : first + timeoutMs;
  }

  override callFailed(): void {
    this.before = this.lists ?? this.before;
    this.lists = undefined;
  }

  override ring(now: number, call: FlowCall): void | Promise<void> {
    const { timeoutMs = Number.POSITIVE_INFINITY } = this.step;
    return this.passOnLists((list) => list.since + timeoutMs <= now, call);
  }

  override end(call: FlowCall): void | Promise<void> {
    return this.passOnLists(() => true, call);
  }

  private passOnLists(isDue: (list: OpenList) => boolean, call: FlowCall): void | Promise<void> {
    const lists = this.loaded();
    const due = [...lists.values()].filter(isDue);
    for (const { id } of due) lists.delete(id);
    return emitAll(due, (list) => this.emit(list, list.values, call));
  }

  private emit(list: OpenList, values: unknown[], call: FlowCall): void | Promise<void> {
    for (const row of list.rows) this.rows.delete(row);
    return this.next(values, undefined, call);
  }

  private loaded(): Map<unknown, OpenList> {
    if (this.lists !== undefined) return this.lists;
    const lists = new Map<unknown, OpenList>();
    this.lists = lists;
    this.keys.reset([]);
    this.lastRow = 0;
    for (const [row, { key: json, value }] of this.rows.entries()) {
      const key = keyFromJson(json as any);
      const id = this.keys.idOf(key ?? '');
      const since = this.before?.get(id)?.since ?? this.lane.now();
      const list = lists.get(id) ?? { key, id, values: [], rows: [], since };
      list.values.push(this.values.decode(value));
      list.rows.push(row);
      // The list with the most recent value is the last one.
      lists.delete(id);
      lists.set(id, list);
      this.lastRow = row;
    }
    this.before = undefined;
    return lists;
  }
}
